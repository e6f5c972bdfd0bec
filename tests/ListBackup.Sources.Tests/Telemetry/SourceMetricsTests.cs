using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ListBackup.Sources.Tests;

public sealed class SourceMetricsTests
{
    [Fact]
    public async Task Runs_and_what_they_read_are_counted_once_each_also_when_every_message_comes_twice()
    {
        await using var world = new SyncWorld();
        using var measured = new Measured(world);
        world.Queues.Disorder = new Random(3);
        var contacts = world.Platform.Add("contacts").Fill(20);
        world.Platform.Add("lists").Fill(4);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Put("r0001", "another").Delete("r0002");
        await world.SyncAsync(source);

        measured["listbackup.run.ended", "state=succeeded,trigger=manual"].ShouldBe(2);
        measured["listbackup.sync.records", "change=added"].ShouldBe(24);
        measured["listbackup.sync.records", "change=changed"].ShouldBe(1);
        measured["listbackup.snapshot.changes", "change=deleted"].ShouldBe(1);
        measured["listbackup.snapshot.changes", "change=added"].ShouldBe(24);
        measured["listbackup.sync.records", "change=unchanged"].ShouldBe(18 + 4);
        measured["listbackup.run.duration", "state=succeeded"].ShouldBe(0); // Time stands still in this world.
    }

    [Fact]
    public async Task A_run_that_fails_is_counted_as_one_that_failed()
    {
        await using var world = new SyncWorld();
        using var measured = new Measured(world);
        world.Platform.Add("contacts").Fill(20);
        world.Platform.Fails = (_, _) => Failure.Unauthorized;

        await world.SyncAsync(await world.AddSourceAsync());

        measured["listbackup.run.ended", "state=failed,trigger=manual"].ShouldBe(1);
        measured["listbackup.run.ended", "state=succeeded,trigger=manual"].ShouldBe(0);
    }

    /// <summary>Sums of this world's instruments by name and tags; other worlds have meters of the same name.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly ConcurrentDictionary<(string Name, string Tags), double> _sums = new();
        private readonly MeterListener _listener = new();

        public Measured(SyncWorld world)
        {
            var meters = world.Get<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == SourcesTelemetry.Meter && instrument.Meter.Scope == meters) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public double this[string name, string tags] => _sums.GetValueOrDefault((name, tags));

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order());
            _sums.AddOrUpdate((instrument.Name, text), value, (_, sum) => sum + value);
        }
    }
}
