using System.Globalization;
using System.Text;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>The manifests that are measured.</summary>
internal static class BenchManifests
{
    private const string ByPage = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
          pagination_strategy: { type: PageIncrement, page_size: "{{ config['size'] }}" }
        """;

    private const string ByOffset = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: offset }
          pagination_strategy: { type: OffsetIncrement, page_size: "{{ config['size'] }}" }
        """;

    private const string ByToken = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" }
        """;

    private const string Incremental = """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: updated_at
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_datetime: "2024-01-01T00:00:00Z"
          end_datetime: "2024-12-31T23:59:59Z"
          step: P1M
          cursor_granularity: PT1S
          start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
          end_time_option: { type: RequestOption, inject_into: request_parameter, field_name: until }
        """;

    private const string Transformations = """
        transformations:
          - { type: AddFields, fields: [{ path: [source], value: "bench" }, { path: [display], value: "{{ record['name'] ~ ' <' ~ record['email'] ~ '>' }}" }] }
          - { type: RemoveFields, field_pointers: [[vip], [address, zip]] }
        """;

    private const string Filter = """record_filter: { type: RecordFilter, condition: "{{ record['status'] == 'subscribed' }}" }""";

    public static string Of(string what) => what switch
    {
        "page" => Stream("/items", ByPage),
        "offset" => Stream("/items", ByOffset),
        "cursor" => Stream("/items", ByToken),
        "incremental" => Stream("/items", ByToken, Incremental),
        "transform" => Stream("/items", ByPage, Transformations, Filter),
        "huge" => Stream("/huge", ""),
        _ => throw new ArgumentException($"There is no case called {what}."),
    };

    /// <summary>A manifest of so many streams, as catalogues have them: shared definitions, parameters, paginator, cursor, schema.</summary>
    public static string Large(int streams)
    {
        var text = new StringBuilder("""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [stream_0] }
            definitions:
              requester:
                type: HttpRequester
                url_base: "https://{{ config['host'] or 'api.example.com' }}/v3"
                authenticator: { type: BearerAuthenticator, api_token: "{{ config['api_key'] }}" }
                request_headers: { Accept: application/json }
                error_handler:
                  type: CompositeErrorHandler
                  error_handlers:
                    - type: DefaultErrorHandler
                      backoff_strategies: [{ type: WaitTimeFromHeader, header: Retry-After }]
                      response_filters:
                        - { type: HttpResponseFilter, http_codes: [429], action: RATE_LIMITED }
                        - { type: HttpResponseFilter, predicate: "{{ response.error.code in ['busy', 'later'] }}", action: RETRY }
              paginator:
                type: DefaultPaginator
                page_size_option: { type: RequestOption, inject_into: request_parameter, field_name: limit }
                page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
                pagination_strategy:
                  type: CursorPagination
                  page_size: 100
                  cursor_value: "{{ response.get('paging', {}).get('next', {}).get('after') }}"
                  stop_condition: "{{ not response.get('paging') }}"
              cursor:
                type: DatetimeBasedCursor
                cursor_field: updatedAt
                datetime_format: "%Y-%m-%dT%H:%M:%S.%fZ"
                cursor_datetime_formats: ["%Y-%m-%dT%H:%M:%SZ"]
                start_datetime: { type: MinMaxDatetime, datetime: "{{ config.get('start_date', '2015-01-01T00:00:00Z') }}", datetime_format: "%Y-%m-%dT%H:%M:%SZ" }
                step: P30D
                cursor_granularity: PT1S
                start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: updatedAfter }
            spec:
              type: Spec
              connection_specification: { type: object, required: [api_key], properties: { api_key: { type: string, airbyte_secret: true }, host: { type: string }, start_date: { type: string } } }
            streams:

            """);
        for (var stream = 0; stream < streams; stream++)
        {
            text.Append(CultureInfo.InvariantCulture, $$$"""
                  - type: DeclarativeStream
                    name: stream_{{{stream}}}
                    primary_key: id
                    $parameters: { path: "objects/kind_{{{stream}}}" }
                    incremental_sync: { $ref: "#/definitions/cursor" }
                    retriever:
                      type: SimpleRetriever
                      requester: { $ref: "#/definitions/requester", path: "{{ parameters['path'] }}", request_parameters: { archived: "false", properties: "{{ ','.join(config.get('properties', ['name', 'email'])) }}" } }
                      paginator: { $ref: "#/definitions/paginator" }
                      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [results] }, record_filter: { type: RecordFilter, condition: "{{ record.id and record.get('archived', false) == false }}" } }
                    transformations: [{ type: AddFields, fields: [{ path: [kind], value: "kind_{{{stream}}}" }] }]
                    schema_loader: { type: InlineSchemaLoader, schema: { type: object, properties: { id: { type: [string, "null"] }, updatedAt: { type: [string, "null"], format: date-time }, properties: { type: object }, archived: { type: boolean } } } }

                """);
        }

        return text.ToString();
    }

    private static string Stream(string path, string retriever, string stream = "", string selector = "") => $$$"""
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - type: DeclarativeStream
            name: items
            primary_key: id
        {{{Indented(stream, 4)}}}
            retriever:
              type: SimpleRetriever
        {{{Indented(retriever, 6)}}}
              requester:
                type: HttpRequester
                url_base: "{{ config['url'] }}"
                path: {{{path}}}
                request_parameters: { size: "{{ config['size'] }}", pages: "{{ config['pages'] }}", bytes: "{{ config['bytes'] }}" }
              record_selector:
                type: RecordSelector
        {{{Indented(selector, 8)}}}
                extractor: { type: DpathExtractor, field_path: [items] }
        """;

    private static string Indented(string text, int by) =>
        string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new string(' ', by) + line));
}
