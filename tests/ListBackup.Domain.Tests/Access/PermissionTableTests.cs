namespace ListBackup.Domain.Tests;

public sealed class PermissionTableTests
{
    public static TheoryData<Permission> OfAccounts => [.. Enum.GetValues<Permission>().Where(p => p != Permission.Self)];

    [Theory]
    [MemberData(nameof(OfAccounts))]
    public void Every_permission_is_the_owners(Permission permission) => PermissionTable.RolesOf(permission).ShouldContain(Role.Owner);

    [Theory]
    [MemberData(nameof(OfAccounts))]
    public void A_higher_role_may_all_that_the_next_lower_may_except_the_auditor(Permission permission)
    {
        var roles = PermissionTable.RolesOf(permission).ToHashSet();

        foreach (var (lower, higher) in new[] { (Role.Viewer, Role.Operator), (Role.Operator, Role.Admin), (Role.Admin, Role.Owner) })
            (!roles.Contains(lower) || roles.Contains(higher)).ShouldBeTrue($"{permission}: {lower} may, {higher} may not");
    }

    [Theory]
    [InlineData(Permission.RecordsRead)]
    [InlineData(Permission.SnapshotsRead)]
    [InlineData(Permission.ExportsCreate)]
    [InlineData(Permission.RestoresRead)]
    [InlineData(Permission.RestoresPlan)]
    [InlineData(Permission.PrivacyRead)]
    public void An_auditor_never_sees_record_content(Permission permission) => PermissionTable.Allows(Role.Auditor, permission).ShouldBeFalse();

    [Theory]
    [InlineData(Permission.ActivitiesRead)]
    [InlineData(Permission.CertificatesRead)]
    public void An_auditor_reads_activity_and_certificates(Permission permission) => PermissionTable.Allows(Role.Auditor, permission).ShouldBeTrue();

    [Fact]
    public void Self_belongs_to_no_role() => Should.Throw<ArgumentOutOfRangeException>(() => PermissionTable.RolesOf(Permission.Self));
}
