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
    public static SimpleRetriever Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(SimpleRetriever))
            throw reader.WrongType("AsyncRetriever");

        reader.NotYet("pagination_reset");

        return reader.Done(new SimpleRetriever(
            reader.Component("requester", nameof(HttpRequester), HttpRequester.Parse),
            reader.ComponentOrNull("decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance,
            reader.Component("record_selector", nameof(RecordSelector), RecordSelector.Parse),
            reader.ComponentOrNull("paginator", "NoPagination", Paginator.Parse) ?? Paginator.None,
            PartitionRouter.ParseAll(reader, "partition_router"),
            reader.Flag("ignore_stream_slicer_parameters_on_paginated_requests")));
    }
}
