using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>The streams of one configuration.</summary>
internal sealed class Discovery(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports, DiscoverOptions options)
{
    /// <summary>A sample is for the shape of records: beyond these it costs requests and shows nothing new.</summary>
    private const int PagesMax = 5;
    private const int PartitionsMax = 3;

    public async Task<StreamList> RunAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var session = program.OpenSession(config, ports, null);
        var streams = new List<StreamInfo>();
        foreach (var stream in await program.StreamsAsync(session, cancellation))
        {
            var info = stream.Info(session.Context);
            var own = program.OpenSession(config, ports, stream.Name, session.SignIn);
            if (options.AskForSchemas)
                info = info with { Schema = await stream.Schema.LoadAsync(stream.Name, own, cancellation) };
            if (options.InferSchemas && !Promises(info.Schema))
                info = await InferredAsync(info, stream, own, cancellation);
            streams.Add(info);
        }

        return new StreamList(streams) { Doubt = session.Resolved?.Doubt };
    }

    private async Task<StreamInfo> InferredAsync(StreamInfo info, StreamProgram stream, Session session, CancellationToken cancellation)
    {
        var inference = new SchemaInference();
        try
        {
            await SampleAsync(stream, session, inference, cancellation);
        }
        catch (PlatformException failure) when (failure is PlatformForbiddenException or PlatformRefusedException)
        {
            // Streams that this configuration may not read have no schema; the others still do.
        }

        return inference.Records == 0 ? info : info with { Schema = SchemaLoader.Element(inference.Schema()), SchemaIsInferred = true };
    }

    private async Task SampleAsync(StreamProgram stream, Session session, SchemaInference inference, CancellationToken cancellation)
    {
        var reading = new PageReading(stream, session) { IsParent = true };
        var (pages, partitions) = (0, 0);
        await foreach (var partition in reading.PartitionsAsync(cancellation))
        {
            // The newest records look like those to come, so the last interval comes first.
            foreach (var slice in stream.Cursor?.Slices(session.Context).TakeLast(PagesMax).Reverse() ?? [Cursors.CursorSlice.Everything])
            {
                await foreach (var page in reading.PagesAsync(partition, slice, Value.None, null, cancellation))
                {
                    using (page)
                    {
                        foreach (var record in page.Records.Take(options.SampleRecordsMax - inference.Records))
                            inference.Add(ValueJson.Parse(record));
                    }

                    if (++pages >= PagesMax || inference.Records >= options.SampleRecordsMax)
                        return;
                }
            }

            if (++partitions == PartitionsMax)
                return;
        }
    }

    /// <summary>True when a schema says which fields records have.</summary>
    private static bool Promises(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.EnumerateObject().Any();
}
