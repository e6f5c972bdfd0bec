namespace ListBackup.Connectors;

/// <summary>Manifests made of the parts that a test is about.</summary>
internal static class Manifests
{
    /// <param name="retriever">The members of the retriever besides its requester's address, indented by nothing.</param>
    public static string OneStream(string path, string retriever = "", string stream = "", string requester = "", string selector = "field_path: [items]", string more = "") => $$$"""
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
                path: "{{{path}}}"
        {{{Indented(requester, 8)}}}
              record_selector:
                type: RecordSelector
                extractor: { type: DpathExtractor, {{{selector}}} }
        {{{Indented(more, 0)}}}
        """;

    public static string Indented(string text, int by) =>
        string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new string(' ', by) + line));
}
