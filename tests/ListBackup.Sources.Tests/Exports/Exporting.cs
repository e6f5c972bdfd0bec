using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Record = ListBackup.Vault.Record;

namespace ListBackup.Sources.Tests;

/// <summary>A source with a snapshot of three companies and five contacts, and its exports through the API.</summary>
public sealed class Exporting : IAsyncDisposable
{
    private static readonly StreamExtensions ContactClasses = new()
    {
        Classes =
        [
            new(FieldPath.Of("value"), PrivacyClass.Personal), new(FieldPath.Of("name"), PrivacyClass.Personal), new(FieldPath.Of("age"), PrivacyClass.Personal),
            new(FieldPath.Of("vip"), PrivacyClass.Personal), new(FieldPath.Of("optIn"), PrivacyClass.Consent), new(FieldPath.Of("health"), PrivacyClass.Sensitive),
        ],
    };

    private Exporting(SyncWorld world, ApiUnderTest api, Source source, string operate) => (World, Api, Source, Operator) = (world, api, source, operate);

    public SyncWorld World { get; }

    public ApiUnderTest Api { get; }

    public Source Source { get; }

    public string Operator { get; }

    public string Url => $"/v1/accounts/{World.Account}/sources/{Source.Id}";

    /// <param name="recordTime">How long each record of an export takes.</param>
    /// <param name="replace">Changes what the world is made of.</param>
    public static async Task<Exporting> StartAsync(TimeSpan recordTime = default, Action<IServiceCollection>? replace = null)
    {
        SyncWorld? world = null;
        world = new(replace: services =>
        {
            SlowDown(services, () => world!.Clock.Advance(recordTime));
            replace?.Invoke(services);
        });
        world.Platform.Add("contacts", extensions: ContactClasses).Fill(5);
        world.Platform.Add("companies").Put("c1", "one").Put("c2", "two").Put("c3", "three");
        var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        return new(world, api, source, operate);
    }

    /// <summary>Asks for an export and works until it has ended.</summary>
    public async Task<ApiAnswer> RunAsync(string request, string? who = null)
    {
        var job = (await Api.PostAsync($"{Url}/exports", request, who ?? Operator)).ShouldBe(HttpStatusCode.Accepted).Text("id");
        await World.WorkAsync();
        return (await Api.GetAsync($"{Url}/jobs/{job}", who ?? Operator)).ShouldBe(HttpStatusCode.OK);
    }

    public IReadOnlyList<ExportFile> Files(ApiAnswer job) =>
        [.. job.Json["export"]!["files"]!.AsArray().Select(f => f!.Deserialize<ExportFile>(JsonSerializerOptions.Web)!)];

    /// <summary>A file by its signed link, byte for byte.</summary>
    public async Task<byte[]> ContentAsync(ApiAnswer job, string file)
    {
        var link = (await Api.PostAsync($"{Url}/exports/{job.Text("id")}/files/{file}/link", null, Operator)).ShouldBe(HttpStatusCode.OK);
        (await Api.GetAsync(link.Text("url"))).ShouldBe(HttpStatusCode.OK);
        return Objects.Contents[ExportFiles.NameOf(World.Account, JobId.Parse(job.Text("id")), file)];
    }

    /// <summary>The lines of the file of that number.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(ApiAnswer job, int file = 0)
    {
        job.Text("state").ShouldBe("succeeded", job.Body);
        return Encoding.UTF8.GetString(await ContentAsync(job, Files(job)[file].Name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Names of all files that are stored.</summary>
    public IReadOnlyList<string> Stored() => [.. Objects.Contents.Keys.Select(name => name[(name.LastIndexOf('/') + 1)..])];

    private MemoryObjects Objects => (MemoryObjects)World.Objects.Bucket(ExportFiles.Bucket);

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await World.DisposeAsync();
    }

    private static void SlowDown(IServiceCollection services, Action afterRecord)
    {
        services.RemoveAll<IExportFormat>();
        foreach (var format in new IExportFormat[] { new NdjsonExport(), new CsvExport(), new XlsxExport(), new ParquetExport(), new SqliteExport(new()) })
            services.AddSingleton<IExportFormat>(new SlowFormat(format, afterRecord));
    }

    private sealed class SlowFormat(IExportFormat inner, Action afterRecord) : IExportFormat
    {
        public ExportFormat Format => inner.Format;

        public ExportLayout Layout => inner.Layout;

        public Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation) =>
            inner.WriteAsync([.. streams.Select(s => s with { Read = stop => SlowlyAsync(s.Read(stop), stop) })], output, leftovers, cancellation);

        private async IAsyncEnumerable<Record> SlowlyAsync(IAsyncEnumerable<Record> records, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var record in records.WithCancellation(cancellation))
            {
                yield return record;
                afterRecord();
            }
        }
    }
}
