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

    public static SimpleRetriever Parse(ComponentReader reader)
    {
        if (reader.Type == "AsyncRetriever")
            return ParseAsync(reader);
        if (reader.Type != nameof(SimpleRetriever))
            throw reader.WrongType();

        reader.NotYet("pagination_reset");

        return reader.Done(new SimpleRetriever(
            reader.Component("requester", nameof(HttpRequester), HttpRequester.Parse),
            reader.ComponentOrNull("decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance,
            reader.Component("record_selector", nameof(RecordSelector), RecordSelector.Parse),
            reader.ComponentOrNull("paginator", "NoPagination", Paginator.Parse) ?? Paginator.None,
            PartitionRouter.ParseAll(reader, "partition_router"),
            reader.Flag("ignore_stream_slicer_parameters_on_paginated_requests")));
    }

    /// <summary>The download is an ordinary retrieval; the job comes before it.</summary>
    private static SimpleRetriever ParseAsync(ComponentReader reader)
    {
        // The decoder of the answers about the job is JSON everywhere; the one that matters is the download's.
        reader.NotYet("decoder");
        var selector = reader.Component("record_selector", nameof(RecordSelector), RecordSelector.Parse);
        if (reader.ComponentOrNull("download_extractor", nameof(DpathExtractor), DpathExtractor.Parse) is { } extractor)
            selector = selector with { Extractor = extractor };

        return reader.Done(new SimpleRetriever(
            reader.Component("download_requester", nameof(HttpRequester), HttpRequester.Parse),
            reader.ComponentOrNull("download_decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance,
            selector,
            reader.ComponentOrNull("download_paginator", "NoPagination", Paginator.Parse) ?? Paginator.None,
            PartitionRouter.ParseAll(reader, "partition_router"),
            BarePages: true)
        {
            Job = AsyncJob.Parse(reader),
        });
    }
}
