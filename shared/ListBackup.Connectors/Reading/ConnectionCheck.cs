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
            foreach (var name in program.Check.Streams)
                await FirstPageAsync(name, cancellation);

            return CheckResult.Success;
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

    private async Task FirstPageAsync(string name, CancellationToken cancellation)
    {
        var session = program.OpenSession(config, ports, name);
        var stream = await program.FindAsync(name, session, cancellation);
        var reading = new PageReading(stream, session);
        await foreach (var partition in reading.PartitionsAsync(cancellation))
        {
            foreach (var slice in stream.Cursor?.Slices(session.Context).Take(1) ?? [Cursors.CursorSlice.Everything])
            {
                await foreach (var page in reading.PagesAsync(partition, slice, Value.None, null, cancellation))
                {
                    page.Dispose();
                    return;
                }
            }
        }
    }
}
