using System.Diagnostics.Metrics;

namespace ListBackup.Benchmarks.Restores;

/// <summary>Counts the requests that the servers of this process have answered.</summary>
internal sealed class RequestCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _requests;

    public RequestCount()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Microsoft.AspNetCore.Hosting", Name: "http.server.request.duration" }) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _requests));
        _listener.Start();
    }

    public long Requests => Interlocked.Read(ref _requests);

    public void Dispose() => _listener.Dispose();
}
