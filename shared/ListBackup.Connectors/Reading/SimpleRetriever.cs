using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Requests whose answers hold the records.</summary>
internal sealed record SimpleRetriever(
    HttpRequester Requester, BodyDecoder Decoder, RecordSelector Selector, Paginator Paginator, PartitionRouter? Router, bool BarePages)
{
    /// <summary>What has to be done before there is anything to request; null: nothing.</summary>
    public AsyncJob? Job { get; private init; }

    /// <summary>What to do where pages end before the records do; null: nothing is said.</summary>
    public PaginationReset? Reset { get; private init; }

    public static SimpleRetriever Parse(ComponentReader reader)
    {
        if (reader.Type == "AsyncRetriever")
            return ParseAsync(reader);
        if (reader.Type != nameof(SimpleRetriever))
            throw reader.WrongType();

        return reader.Done(new SimpleRetriever(
            reader.Component("requester", nameof(HttpRequester), HttpRequester.Parse),
            reader.ComponentOrNull("decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance,
            reader.Component("record_selector", nameof(RecordSelector), RecordSelector.Parse),
            reader.ComponentOrNull("paginator", "NoPagination", Paginator.Parse) ?? Paginator.None,
            PartitionRouter.ParseAll(reader, "partition_router"),
            reader.Flag("ignore_stream_slicer_parameters_on_paginated_requests"))
        {
            Reset = reader.ComponentOrNull("pagination_reset", nameof(PaginationReset), PaginationReset.Parse),
        });
    }

    /// <summary>The download is an ordinary retrieval; the job comes before it.</summary>
    private static SimpleRetriever ParseAsync(ComponentReader reader)
    {
        // A table that comes as a file is a decoder here: files of any size are read piece by piece, whatever is in them.
        var table = reader.ComponentOrNull("download_extractor", nameof(DpathExtractor), FileTable.Parse);
        var decoder = reader.ComponentOrNull("download_decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance;
        var selector = reader.Component("record_selector", nameof(RecordSelector), RecordSelector.Parse);

        return reader.Done(new SimpleRetriever(
            reader.Component("download_requester", nameof(HttpRequester), HttpRequester.Parse),
            table?.Decoder ?? decoder,
            table is null ? selector : selector with { Extractor = table.Extractor },
            reader.ComponentOrNull("download_paginator", "NoPagination", Paginator.Parse) ?? Paginator.None,
            PartitionRouter.ParseAll(reader, "partition_router"),
            BarePages: true)
        {
            Job = AsyncJob.Parse(reader),
        });
    }
}
