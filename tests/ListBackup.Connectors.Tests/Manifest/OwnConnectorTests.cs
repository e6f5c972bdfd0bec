using CsCheck;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Connectors.Manifest;

public class OwnConnectorTests
{
    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(Path.Combine(Root(), "connectors")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_connector_that_ships_loads_with_its_restore_and_is_told_to_people(string name)
    {
        var folder = Path.Combine(Root(), "connectors", name);
        var connector = Connector.LoadFile(Path.Combine(folder, "manifest.yaml"), new LoadOptions { Strict = true });

        connector.Info.Title.ShouldNotBeNullOrEmpty();
        connector.Info.Category.ShouldNotBeNullOrEmpty();
        connector.Streams.ShouldAllBe(stream => stream.PrimaryKey.Count > 0, "a record without a key cannot be followed from snapshot to snapshot");
        if (File.Exists(Path.Combine(folder, "restore.yaml")))
            RestoreManifest.LoadFile(Path.Combine(folder, "restore.yaml"), connector).Streams.ShouldNotBeEmpty();
    }

    [Fact]
    public void Any_damage_to_a_manifest_is_told_as_a_problem_of_the_manifest()
    {
        var connector = Connector.LoadFile(Path.Combine(Root(), "connectors", "demo", "manifest.yaml"));
        var restore = Path.Combine(Root(), "connectors", "demo", "restore.yaml");
        var files = new[] { Path.Combine(Root(), "connectors", "demo", "manifest.yaml"), Path.Combine(Root(), "connectors", "mailman3", "manifest.yaml"), restore };
        var texts = files.Select(File.ReadAllLines).ToArray();
        string[] values = ["", "[]", "{}", "[[]]", "null", "-1", "true", "'{{'", "'{{ config.x }}'", "'#/definitions'", "99999999999999999999", "x: y", "{ type: X }", "'('", "{ $ref: 1 }"];

        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 10_000], Gen.Int[0, values.Length - 1]).Sample(
            damage =>
            {
                var (file, line, value) = damage;
                var lines = (string[])texts[file].Clone();
                line %= lines.Length;
                var colon = lines[line].IndexOf(": ", StringComparison.Ordinal);
                lines[line] = colon < 0 ? values[value] : lines[line][..(colon + 2)] + values[value];
                try
                {
                    if (file == 2)
                        RestoreManifest.Load(string.Join('\n', lines), connector);
                    else
                        Connector.Load(string.Join('\n', lines));
                }
                catch (ManifestException)
                {
                    // Told. Any other exception fails the test.
                }
            },
            iter: 600);
    }

    [Fact]
    public void Any_damage_to_what_makes_streams_and_configurations_is_told_too()
    {
        var lines = Everything.Split('\n');
        string[] values = ["", "[]", "{}", "[[]]", "null", "-1", "true", "'{{'", "'{{ config.x }}'", "'#/definitions'", "99999999999999999999", "{ x: y }", "{ type: X }", "'('", "{ $ref: 1 }", "[1, { a: [] }]", "'{{ components_values.x.y }}'"];
        Connector.Load(Everything).Warnings.ShouldBeEmpty();

        Gen.Select(Gen.Int[0, lines.Length - 1], Gen.Int[0, values.Length - 1]).Sample(
            damage =>
            {
                var (line, value) = damage;
                var damaged = (string[])lines.Clone();
                var colon = damaged[line].IndexOf(": ", StringComparison.Ordinal);
                damaged[line] = colon < 0 ? values[value] : damaged[line][..(colon + 2)] + values[value];
                try
                {
                    Connector.Load(string.Join('\n', damaged));
                }
                catch (ManifestException)
                {
                    // Told. Any other exception fails the test.
                }
            },
            iter: 500);
    }

    private const string Everything = """
        version: 6.0.0
        type: DeclarativeSource
        max_concurrent_async_job_count: "{{ config['jobs'] }}"
        concurrency_level:
          type: ConcurrencyLevel
          default_concurrency: "{{ config['workers'] }}"
          max_concurrency: 5
        check:
          type: CheckStream
          stream_names:
            - plain
          dynamic_streams_check_configs:
            - type: DynamicStreamCheckConfig
              dynamic_stream_name: tables
              stream_count: 2
          config_overrides:
            size: 1
        definitions:
          retriever:
            type: SimpleRetriever
            requester:
              type: HttpRequester
              url_base: "{{ config['url'] }}"
              path: "/{{ parameters.name }}"
            record_selector:
              type: RecordSelector
              extractor:
                type: DpathExtractor
                field_path:
                  - items
          plain:
            type: DeclarativeStream
            name: plain
            primary_key: id
            retriever:
              $ref: '#/definitions/retriever'
            schema_loader:
              - type: InlineSchemaLoader
                schema:
                  type: object
              - type: DynamicSchemaLoader
                retriever:
                  $ref: '#/definitions/retriever'
                schema_filter:
                  type: RecordFilter
                  condition: "{{ record }}"
                schema_transformations:
                  - type: KeysToLower
                schema_type_identifier:
                  type: SchemaTypeIdentifier
                  schema_pointer:
                    - fields
                  key_pointer:
                    - name
                  type_pointer:
                    - kind
                  types_mapping:
                    - type: TypesMap
                      current_type: multi
                      target_type:
                        field_type: array
                        items: string
                      condition: "{{ raw_schema.a }}"
          incremental:
            $ref: '#/definitions/plain'
            name: both
            incremental_sync:
              type: DatetimeBasedCursor
              cursor_field: at
              datetime_format: "%Y-%m-%d"
              start_datetime: "2020-01-01"
              step: "P{{ config['days'] }}D"
              cursor_granularity: P1D
            state_migrations:
              - type: LegacyToPerPartitionStateMigration
        streams:
          - $ref: '#/definitions/plain'
          - type: StateDelegatingStream
            name: both
            api_retention_period: P30D
            full_refresh_stream:
              $ref: '#/definitions/incremental'
            incremental_stream:
              $ref: '#/definitions/incremental'
          - type: ConditionalStreams
            condition: "{{ config['test'] }}"
            streams:
              - $ref: '#/definitions/plain'
                name: tested
        stream_groups:
          session:
            streams:
              - $ref: '#/definitions/plain'
            action:
              type: BlockSimultaneousSyncsAction
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            use_parent_parameters: true
            stream_template:
              $ref: '#/definitions/plain'
              name: ""
            components_resolver:
              type: HttpComponentsResolver
              retriever:
                $ref: '#/definitions/retriever'
              components_mapping:
                - type: ComponentMappingDefinition
                  field_path:
                    - name
                  value: "{{ components_values['name'] }}"
                  value_type: string
                  create_or_update: true
          - type: DynamicDeclarativeStream
            name: reports
            stream_template:
              $ref: '#/definitions/plain'
            components_resolver:
              type: ConfigComponentsResolver
              stream_config:
                - type: StreamConfig
                  configs_pointer:
                    - reports
                  default_values:
                    - a: 1
              components_mapping:
                - type: ComponentMappingDefinition
                  field_path:
                    - name
                  value: "{{ components_values['a'] }}"
                  condition: "{{ components_values['a'] }}"
          - type: DynamicDeclarativeStream
            name: fixed
            stream_template:
              $ref: '#/definitions/plain'
            components_resolver:
              type: ParametrizedComponentsResolver
              stream_parameters:
                type: StreamParametersDefinition
                list_of_parameters_for_stream:
                  - name: one
                  - name: two
              components_mapping:
                - type: ComponentMappingDefinition
                  field_path:
                    - name
                  value: "{{ components_values['name'] }}"
        spec:
          type: Spec
          documentation_url: https://example.com
          connection_specification:
            type: object
            properties:
              key:
                type: string
                airbyte_secret: true
          config_normalization_rules:
            type: ConfigNormalizationRules
            config_migrations:
              - type: ConfigMigration
                transformations:
                  - type: ConfigRemapField
                    field_path:
                      - a
                    map:
                      x: y
                  - type: ConfigRemoveFields
                    field_pointers:
                      - [b]
                    condition: "{{ property }}"
            transformations:
              - type: ConfigAddFields
                fields:
                  - type: AddedFieldDefinition
                    path:
                      - c
                    value: "{{ config['a'] }}"
            validations:
              - type: DpathValidator
                field_path:
                  - a
                validation_strategy:
                  type: ValidateAdheresToSchema
                  base_schema:
                    type: string
                    pattern: "^a"
              - type: PredicateValidator
                value: "{{ config['a'] }}"
                validation_strategy:
                  type: ValidateAdheresToSchema
                  base_schema: '{"minimum": 1}'
          advanced_auth:
            auth_flow_type: oauth2.0
            predicate_key:
              - key
            predicate_value: x
            oauth_config_specification:
              oauth_connector_input_specification:
                consent_url: "https://example.com/authorize?{{client_id_key}}={{client_id_value}}&{{state_key}}={{state_value}}"
                scope: a b
                access_token_url: "https://example.com/token"
                access_token_headers:
                  Accept: application/json
                access_token_params:
                  code: "{{ auth_code_value }}"
                extract_output:
                  - data.access_token
              complete_oauth_output_specification:
                properties:
                  access_token:
                    path_in_connector_config:
                      - key
        x-listbackup:
          title: Everything
          streams:
            tables:
              title: Tables
            tables/Contacts:
              title: Contacts
            fixed:
              title: Fixed
        """;

    internal static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ListBackup.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");

        return folder;
    }
}
