using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads the first page of each stream that the manifest names for it.</summary>
internal sealed class ConnectionCheck(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
{
    public async Task<CheckResult> RunAsync(CancellationToken cancellation)
    {
        try
        {
            var overridden = program.Normalized(config, ports.Clock).Overlaid(program.Check.Overrides);
            var session = program.OpenSession(overridden, ports, null);
            var streams = await StreamsAsync(session, cancellation);
            if (streams.Count == 0)
                return new CheckResult(false, "This configuration has none of the streams that prove a connection.", null);
            foreach (var stream in program.Check.AnyCount == 0 ? [] : streams)
                await FirstPageAsync(stream, program.OpenSession(overridden, ports, stream.Name, session.SignIn), cancellation);

            return CheckResult.Success with { Doubt = session.Resolved?.Doubt };
        }
        catch (PlatformException exception)
        {
            return new CheckResult(false, exception.Message, exception);
        }
        catch (Exception exception) when (exception is ConfigException or ExpressionException)
        {
            return new CheckResult(false, exception.Message, null);
        }
    }

    private async Task<IReadOnlyList<StreamProgram>> StreamsAsync(Session session, CancellationToken cancellation)
    {
        var check = program.Check;
        if (check.AnyCount is { } count)
            return [.. (await program.StreamsAsync(session, cancellation)).Take(Math.Max(1, count))];

        // A stream under a condition that this configuration does not meet is none of its streams.
        var named = check.Streams.Select(name => program.StreamIndex.Find(name, session.Context)).OfType<StreamProgram>().ToList();
        foreach (var (name, most) in check.Dynamic)
            named.AddRange((await program.StreamsOfAsync(name, session, cancellation)).Take(most ?? int.MaxValue));

        // A manifest that names none wants no particular one; reading nothing would prove nothing.
        return check.Streams.Count + check.Dynamic.Count > 0 ? named : [.. (await program.StreamsAsync(session, cancellation)).Take(1)];
    }

    private static async Task FirstPageAsync(StreamProgram stream, Session session, CancellationToken cancellation)
    {
        var reading = new PageReading(stream, session);
        await foreach (var partition in reading.PartitionsAsync(cancellation))
        {
            foreach (var slice in stream.Cursor?.Slices(session.Context).Take(1) ?? [CursorSlice.Everything])
            {
                await foreach (var page in reading.PagesAsync(partition, slice, Value.None, null, cancellation))
                {
                    page.Dispose();

                    // That a report may be ordered does not say that it can be read.
                    if (!page.IsOrder)
                        return;
                }
            }
        }
    }
}
