using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Connections.Tests;

/// <summary>Migrations of configurations that do harm when they are run twice: each appends a letter.</summary>
public sealed class ConnectionConfigsTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly Rig _rig = new();
    private readonly MemorySecrets _secrets = new();
    private readonly ConnectionConfigs _configs;
    private readonly Connection _connection;

    public ConnectionConfigsTests()
    {
        _configs = Configs(_rig.Items);
        _connection = new()
        {
            Id = _rig.Connection,
            AccountId = _rig.Account,
            Name = "Shop",
            Platform = "shop",
            Config = JsonNode.Parse("""{"note":"-"}""")!.Deserialize(),
            Health = new(ConnectionState.Healthy, null, _rig.Clock.GetUtcNow()),
            CreatedAt = _rig.Clock.GetUtcNow(),
            CreatedBy = UserId.New(_rig.Clock),
        };
    }

    [Fact]
    public async Task A_configuration_is_migrated_once_and_kept_however_often_it_is_opened()
    {
        await GivenAsync(Appending());

        for (var i = 0; i < 3; i++) (await NoteAsync(Appending("a"))).ShouldBe("-a");
        for (var i = 0; i < 3; i++) (await NoteAsync(Appending("a", "b"))).ShouldBe("-ab");

        (await ShownAsync()).ShouldBe("-ab");
        _rig.Items.All.ShouldAllBe(item => !item.Body.Contains("-ab") || item.Key == ConnectionKeys.Connection(_rig.Account, _rig.Connection), "what is kept is sealed");
    }

    [Fact]
    public async Task Workers_that_open_it_at_the_same_time_migrate_it_once()
    {
        await GivenAsync(Appending());

        var notes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => NoteAsync(Appending("a")))));

        notes.ShouldAllBe(note => note == "-a");
        (await NoteAsync(Appending("a", "b"))).ShouldBe("-ab");
    }

    [Fact]
    public async Task What_a_person_put_while_a_worker_migrated_the_old_one_is_not_lost()
    {
        await GivenAsync(Appending());
        var interrupted = new InterruptedItems(_rig.Items, ConnectionKeys.Config(_rig.Connection), () => PutAsync("new", Appending("a")));

        await Configs(interrupted).FindAsync(_connection, Appending("a"), Cancellation);

        interrupted.WasInterrupted.ShouldBeTrue();
        (await NoteAsync(Appending("a"))).ShouldBe("new");
        (await NoteAsync(Appending("a", "b"))).ShouldBe("newb");
        (await ShownAsync()).ShouldBe("newb");
    }

    [Fact]
    public async Task What_was_made_of_a_migrated_configuration_is_not_migrated_again_and_what_is_new_is_once()
    {
        await _configs.PutNewAsync(_rig.Account, _rig.Connection, Json("-"), Appending("a"), Cancellation);
        (await NoteAsync(Appending("a"))).ShouldBe("-a");

        await _configs.PutAsync(_rig.Account, _rig.Connection, Json("-a!"), Appending("a"), Cancellation);

        (await NoteAsync(Appending("a"))).ShouldBe("-a!");
        (await _rig.Items.GetAsync(ConnectionKeys.Config(_rig.Connection), Cancellation)).ShouldBeNull("nothing had to be kept beside the secret");
    }

    [Fact]
    public async Task A_deleted_connection_leaves_no_migrated_configuration()
    {
        await GivenAsync(Appending());
        await NoteAsync(Appending("a"));

        await _configs.DeleteAsync(_rig.Connection, Cancellation);

        (await _rig.Items.GetAsync(ConnectionKeys.Config(_rig.Connection), Cancellation)).ShouldBeNull();
        (await _configs.FindAsync(_connection, Appending("a"), Cancellation)).ShouldBeNull();
    }

    private ConnectionConfigs Configs(IItemStore items) => new(new(_secrets, _rig.Envelope), items, _rig.Envelope, _rig.Clock);

    private async Task GivenAsync(Connector connector)
    {
        await _configs.PutNewAsync(_rig.Account, _rig.Connection, Json("-"), connector, Cancellation);
        await _rig.Items.PutAsync(ItemJson.Item(ConnectionKeys.Connection(_rig.Account, _rig.Connection), _connection, ConnectionJson.Default.Connection), Condition.Absent, Cancellation);
    }

    /// <summary>As the API does when a person changes the configuration.</summary>
    private async Task PutAsync(string note, Connector connector)
    {
        await _configs.PutAsync(_rig.Account, _rig.Connection, Json(note), connector, Cancellation);
        await _rig.Items.UpdateAsync(
            ConnectionKeys.Connection(_rig.Account, _rig.Connection), ConnectionJson.Default.Connection, found => found with { Config = Json(note).Deserialize() }, Cancellation);
    }

    private async Task<string> NoteAsync(Connector connector)
    {
        var config = (await _configs.FindAsync(_connection, connector, Cancellation)).ShouldNotBeNull();
        // What streams read: the engine runs no migration that was run.
        return JsonNode.Parse(connector.Normalize(config, _rig.Clock).Effective.Utf8Json.Span)!["note"]!.ToString();
    }

    private async Task<string> ShownAsync() =>
        (await _rig.Items.FindAsync(ConnectionKeys.Connection(_rig.Account, _rig.Connection), ConnectionJson.Default.Connection, Cancellation))!.Value.Config.GetProperty("note").GetString()!;

    private static JsonObject Json(string note) => new() { ["note"] = note };

    private static Connector Appending(params string[] letters)
    {
        var rules = new StringBuilder();
        foreach (var letter in letters)
            rules.Append($$$"""{ type: ConfigMigration, transformations: [{ type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [note], value: "{{ config['note'] }}{{{letter}}}" }] }] }, """);
        return Connector.Load($$"""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [items] }
            streams:
              - type: DeclarativeStream
                name: items
                retriever:
                  type: SimpleRetriever
                  requester: { type: HttpRequester, url_base: "https://shop.example", path: /items }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
            spec:
              type: Spec
              connection_specification: { type: object, properties: { note: { type: string } } }
              config_normalization_rules: { type: ConfigNormalizationRules, config_migrations: [{{rules}}] }
            """);
    }

    /// <summary>Lets somebody else work right before an item is written for the first time.</summary>
    private sealed class InterruptedItems(IItemStore inner, ItemKey key, Func<Task> interrupt) : IItemStore
    {
        public bool WasInterrupted { get; private set; }

        public Task<Item?> GetAsync(ItemKey found, CancellationToken cancellation) => inner.GetAsync(found, cancellation);

        public async Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation)
        {
            if (item.Key == key && !WasInterrupted)
            {
                WasInterrupted = true;
                await interrupt();
            }
            return await inner.PutAsync(item, condition, cancellation);
        }

        public Task DeleteAsync(ItemKey deleted, Condition condition, CancellationToken cancellation) => inner.DeleteAsync(deleted, condition, cancellation);

        public Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation) => inner.QueryAsync(query, cancellation);

        public Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation) => inner.TransactAsync(writes, cancellation);
    }
}

internal static class JsonNodes
{
    public static System.Text.Json.JsonElement Deserialize(this JsonNode node)
    {
        using var document = System.Text.Json.JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }
}
