using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Manifest;

public class ConfigRulesTests
{
    private const string Migrations = """
        config_migrations:
          - type: ConfigMigration
            description: the key moved
            transformations:
              - { type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [credentials, token], value: "{{ config['api_key'] }}" }], condition: "{{ config.get('api_key') }}" }
              - { type: ConfigRemoveFields, field_pointers: [[api_key]] }
          - type: ConfigMigration
            transformations: [{ type: ConfigRemapField, field_path: [shops, "*", region], map: { us: north-america, eu: europe } }]
        transformations:
          - { type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [host], value: "https://{{ config['shop'] }}.example" }] }
        """;

    [Fact]
    public void Migrations_change_what_is_kept_and_transformations_what_is_read()
    {
        var connector = Connector.Load(Manifest(Migrations));

        var result = connector.Normalize(ConnectorConfig.Parse("""{"shop":"a","api_key":"k","shops":[{"region":"us"},{"region":"x"}]}"""), TimeProvider.System);

        result.MigrationsChangedIt.ShouldBeTrue();
        Text(result.Migrated).ShouldBe("""{"shop":"a","shops":[{"region":"north-america"},{"region":"x"}],"credentials":{"token":"k"}}""");
        Text(result.Effective).ShouldBe("""{"shop":"a","shops":[{"region":"north-america"},{"region":"x"}],"credentials":{"token":"k"},"host":"https://a.example"}""");
    }

    [Fact]
    public void A_configuration_of_today_is_left_alone_by_migrations()
    {
        var connector = Connector.Load(Manifest(Migrations));
        var migrated = connector.Normalize(ConnectorConfig.Parse("""{"shop":"a","api_key":"k"}"""), TimeProvider.System).Migrated;

        var again = connector.Normalize(migrated, TimeProvider.System);

        again.MigrationsChangedIt.ShouldBeFalse();
        Text(again.Migrated).ShouldBe(Text(migrated));
    }

    [Fact]
    public void A_migration_that_does_harm_twice_is_run_once_by_its_name_and_by_its_keepers_word()
    {
        var before = Connector.Load(Manifest(Adding("a")));
        var after = Connector.Load(Manifest(Adding("a", "b")));
        after.Migrations[0].ShouldBe(before.Migrations.ShouldHaveSingleItem());
        after.Migrations.Distinct().Count().ShouldBe(2);

        var once = before.Migrate(ConnectorConfig.Parse("""{"note":""}"""), [], TimeProvider.System);
        var kept = ConnectorConfig.Parse(once.Utf8Json.Span);
        var both = after.Migrate(kept, before.Migrations, TimeProvider.System);

        (Text(once), Text(both)).ShouldBe(("""{"note":"a"}""", """{"note":"ab"}"""));
        Text(after.Normalize(both, TimeProvider.System).Effective).ShouldBe("""{"note":"ab"}""");
        Text(after.Normalize(ConnectorConfig.Parse(both.Utf8Json.Span).AsMigrated(), TimeProvider.System).Effective).ShouldBe("""{"note":"ab"}""");

        static string Adding(params string[] texts) => "config_migrations:\n" + string.Concat(texts.Select(text => $$$"""
              - type: ConfigMigration
                transformations: [{ type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [note], value: "{{ config['note'] }}{{{text}}}" }] }]

            """));
    }

    [Fact]
    public async Task Reading_checking_and_discovering_use_the_configuration_that_the_rules_make()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest("""
            transformations: [{ type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [url], value: "{{ config['address'] }}" }] }]
            """));
        var config = ConnectorConfig.Parse($$"""{"address":"{{platform.Url}}"}""");

        var check = await connector.CheckAsync(config, Ports.For(http), TestContext.Current.CancellationToken);
        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = config }, Ports.For(http), TestContext.Current.CancellationToken));

        check.Succeeded.ShouldBeTrue(check.Reason);
        read.Records.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"region":"de","ids":["a1","b2"]}""", null)]
    [InlineData("""{"region":"xx","ids":["a1"]}""", "field region is not as the connector needs it: enum")]
    [InlineData("""{"ids":["a1"]}""", "lacks the field region")]
    [InlineData("""{"region":"de","ids":["a1","secret"]}""", "field ids.* is not as the connector needs it: pattern")]
    [InlineData("""{"region":"de","ids":[],"limit":"many"}""", "validations[2].value is not as the connector needs it: type")]
    public void A_configuration_that_breaks_a_validation_is_refused_by_field_and_rule(string config, string? reason)
    {
        var connector = Connector.Load(Manifest("""
            validations:
              - { type: DpathValidator, field_path: [region], validation_strategy: { type: ValidateAdheresToSchema, base_schema: { type: string, enum: [de, fr] } } }
              - { type: DpathValidator, field_path: [ids, "*"], validation_strategy: { type: ValidateAdheresToSchema, base_schema: '{"type":"string","pattern":"^[a-z][0-9]$"}' } }
              - { type: PredicateValidator, value: "{{ config.get('limit', 1) }}", validation_strategy: { type: ValidateAdheresToSchema, base_schema: { type: integer } } }
            """));

        var normalize = () => connector.Normalize(ConnectorConfig.Parse(config), TimeProvider.System);

        if (reason is null)
        {
            normalize().MigrationsChangedIt.ShouldBeFalse();
            return;
        }

        var exception = Should.Throw<ConfigException>(normalize);
        exception.Message.ShouldContain(reason);
        exception.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("validations: [{ type: DpathValidator, field_path: [a], validation_strategy: { type: ValidateAdheresToSchema, base_schema: { type: string, frobnicate: 1 } } }]", "'frobnicate' is not known")]
    [InlineData("validations: [{ type: DpathValidator, field_path: [a], validation_strategy: { type: ValidateAdheresToSchema, base_schema: { minLength: x } } }]", "'minLength' has a value")]
    [InlineData("validations: [{ type: DpathValidator, field_path: [a], validation_strategy: { type: CustomValidationStrategy, class_name: a.b } }]", "asks for code (a.b)")]
    [InlineData("transformations: [{ type: CustomConfigTransformation, class_name: a.b }]", "asks for code (a.b)")]
    [InlineData("transformations: [{ type: ConfigRemapField, field_path: [a] }]", "required")]
    public void Rules_that_cannot_be_followed_are_refused_when_the_manifest_is_loaded(string rules, string reason) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest(rules))).Message.ShouldContain(reason);

    [Fact]
    public async Task A_check_may_see_other_values_than_a_read()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifests.OneStream("/{{ config['size'] }}").Replace(
            "stream_names: [items] }", "stream_names: [items], config_overrides: { size: 1 } }", StringComparison.Ordinal));

        (await connector.CheckAsync(platform.Config(new { size = 100 }), Ports.For(http), TestContext.Current.CancellationToken)).Succeeded.ShouldBeTrue();

        platform.Requests.ShouldBe(["GET /1"]);
    }

    [Theory]
    [InlineData("{ __airbyte_x: 1 }", "")]
    [InlineData("{ size: 1 }", "authenticator: { type: OAuthAuthenticator, token_refresh_endpoint: http://x, client_id: a, client_secret: b, refresh_token: c, refresh_token_updater: {} }")]
    public void Overrides_that_the_language_refuses_are_refused(string overrides, string requester) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/", requester: requester).Replace(
            "stream_names: [items] }", $"stream_names: [items], config_overrides: {overrides} }}", StringComparison.Ordinal))).Message.ShouldContain("config_overrides");

    private static string Manifest(string rules) => Manifests.OneStream("/items", more: $"""
        spec:
          type: Spec
          connection_specification: {"{"} type: object {"}"}
          config_normalization_rules:
            type: ConfigNormalizationRules
        {Manifests.Indented(rules, 4)}
        """);

    private static string Text(ConnectorConfig config) => System.Text.Encoding.UTF8.GetString(config.Utf8Json.Span);
}
