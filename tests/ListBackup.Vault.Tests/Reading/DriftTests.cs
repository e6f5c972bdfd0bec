using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Reading;

public sealed class DriftTests
{
    [Theory]
    [InlineData(DriftBasis.Records)]
    [InlineData(DriftBasis.Observed)]
    public async Task Fields_that_appear_vanish_change_their_type_or_become_rare_are_told(DriftBasis basis)
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, [.. Enumerable.Range(0, 40).Select(id => $$"""{"id":{{id}},"old":1,"age":"x","same":true,"note":"n"}""")]);
        await vault.BackUpAsync(ReadMode.FullSweep, [.. Enumerable.Range(0, 40).Select(id => $$"""{"id":{{id}},"new":1,"age":5,"same":false{{(id % 2 == 0 ? ",\"note\":\"n\"" : "")}}}""")]);

        var drift = await vault.Vault.DriftAsync(Source, Contacts, 1, 2, basis, Cancellation);

        (drift.RecordsBefore, drift.RecordsAfter, drift.IsTruncated).ShouldBe((40, 40, false));
        drift.Fields.Select(field => (field.Path, field.Change)).ShouldBe(
            [("/age", FieldChange.TypeChanged), ("/new", FieldChange.Appeared), ("/note", FieldChange.FillChanged), ("/old", FieldChange.Vanished)]);
        drift.Fields[2].ShouldSatisfyAllConditions(note => note.FillBefore.ShouldBe(1), note => note.FillAfter.ShouldBe(0.5));
        drift.Fields[0].TypesAfter.ShouldBe(basis == DriftBasis.Records ? ["integer"] : ["integer", "string"]);
        (await vault.Vault.DriftAsync(Source, Contacts, 2, 2, DriftBasis.Records, Cancellation)).Fields.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_few_changed_records_do_not_make_fields_vanish()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, [.. Enumerable.Range(0, 40).Select(id => $$"""{"id":{{id}},"old":1}""")]);
        await vault.BackUpAsync(ReadMode.Incremental, """{"id":1}""");

        (await vault.Vault.DriftAsync(Source, Contacts, 1, 2, DriftBasis.Observed, Cancellation)).Fields.ShouldBeEmpty();
        (await vault.Vault.DriftAsync(Source, Contacts, 1, 2, DriftBasis.Records, Cancellation)).Fields.ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(vault.Vault.DriftAsync(Source, Contacts, 2, 1, DriftBasis.Observed, Cancellation));
    }
}
