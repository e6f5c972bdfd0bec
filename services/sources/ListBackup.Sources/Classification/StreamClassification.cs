using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Fields">By JSON Pointer, elements of lists under <c>*</c>: what each is. A field that is not named is judged by the connector and by rules.</param>
public sealed record ClassificationRequest(IReadOnlyDictionary<string, DataClass> Fields);

/// <summary>What the fields of a stream are taken for.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seq">The snapshot whose fields these are; absent before the first.</param>
/// <param name="Sampled">How many of its records were looked into for fields of which only the values tell.</param>
/// <param name="Fields">Fields with values of their own, by path.</param>
/// <param name="Overrides">What people decided.</param>
public sealed record ClassificationView(string Stream, long? Seq, int Sampled, IReadOnlyList<FieldClassView> Fields, IReadOnlyDictionary<string, DataClass> Overrides);

/// <param name="Path">JSON Pointer; elements of lists under <c>*</c>.</param>
/// <param name="Types">JSON types seen.</param>
/// <param name="Class">What it is taken for; absent: nothing says that it is about a person.</param>
/// <param name="Basis">Why; absent without a class.</param>
public sealed record FieldClassView(string Path, IReadOnlyList<string> Types, DataClass? Class, ClassBasis? Basis);

/// <summary>What a stream's fields are taken for, and what people decide about them. Masks of exports go by it.</summary>
public sealed class StreamClassification(RunStore runs, SnapshotAccess snapshots, AccountVaults vaults, IFieldClasses classes, IItemStore items, ActivityLog activities)
{
    private const int SampleRecords = 500;
    // Of a field's texts: a list of names has no address among them, a column of addresses may have a few typing errors.
    private const double ShareMin = 0.5;

    public async Task<Ok<ClassificationView>> GetAsync(HttpContext http, SourceId sourceId, string stream, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var source = (await runs.GetSourceAsync(account, sourceId, cancellation)).Value;
        var stored = await items.FindAsync(FieldOverrides.Key(sourceId, stream), SourceItemsJson.Default.FieldOverrides, cancellation);
        http.WriteETag(stored?.Version ?? 0);
        return TypedResults.Ok(await ViewAsync(source, stream, stored?.Value ?? FieldOverrides.None, cancellation));
    }

    public async Task<Ok<ClassificationView>> PutAsync(HttpContext http, SourceId sourceId, string stream, ClassificationRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        // What is called harmless here, masked exports take along as it is; so an API key for masked exports alone does not decide it.
        access.Require(Permission.ExportsCreate);
        var source = (await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation)).Value;
        var decided = FieldOverrides.Require(request.Fields);
        var key = FieldOverrides.Key(sourceId, stream);
        var stored = await items.FindAsync(key, SourceItemsJson.Default.FieldOverrides, cancellation);
        http.RequireMatch(stored?.Version ?? 0, "The classification");
        // Refuses a stream that is not there, or of which nobody can tell, before anything is kept of it.
        if (await NewestAsync(source, stream, cancellation) is not null) await classes.OfAsync(source, stream, cancellation);
        Item written;
        try
        {
            written = await items.PutAsync(ItemJson.Item(key, decided, SourceItemsJson.Default.FieldOverrides), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
        }
        catch (ConditionFailedException)
        {
            throw Problem.Changed("The classification");
        }
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "source.classified", sourceId.ToString(), cancellation, ("stream", stream), ("fields", string.Join(' ', Changed(stored?.Value, decided))));
        http.WriteETag(written.Version);
        return TypedResults.Ok(await ViewAsync(source, stream, decided, cancellation));
    }

    private static IEnumerable<string> Changed(FieldOverrides? before, FieldOverrides after)
    {
        var old = before?.Fields ?? FieldOverrides.None.Fields;
        return old.Keys.Union(after.Fields.Keys).Where(path => !old.TryGetValue(path, out var was) || !after.Fields.TryGetValue(path, out var @is) || was != @is).Order(StringComparer.Ordinal).Take(50);
    }

    private async Task<ClassificationView> ViewAsync(Source source, string stream, FieldOverrides decided, CancellationToken cancellation)
    {
        var reader = await NewestAsync(source, stream, cancellation);
        if (reader is null) return new(stream, null, 0, [], decided.Fields);
        var judge = await classes.OfAsync(source, stream, cancellation);
        var sample = await SampleAsync(reader, stream, judge, cancellation);
        var fields = reader.SchemaOf(stream).Fields.Where(field => field.Types.Any(type => type is not ("object" or "array"))).Select(field =>
        {
            var verdict = judge.OfField(JsonPointer.PartsOf(field.Path)) ?? sample.VerdictOf(field.Path);
            return new FieldClassView(field.Path, field.Types, verdict?.Class, verdict?.Basis);
        });
        return new(stream, reader.Snapshot.Seq, sample.Records, [.. fields], decided.Fields);
    }

    /// <summary>The newest snapshot that has the stream; null before the first of the source.</summary>
    private async Task<SnapshotReader?> NewestAsync(Source source, string stream, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(source.AccountId, cancellation);
        var newest = await vault.FindNewestSnapshotAsync(source.Id.ToString(), cancellation);
        return newest is null ? null : await snapshots.OpenAsync(source.AccountId, source.Id, newest.Seq, stream, cancellation);
    }

    private static async Task<Sample> SampleAsync(SnapshotReader reader, string stream, IStreamClasses judge, CancellationToken cancellation)
    {
        var sample = new Sample(judge);
        await foreach (var record in reader.ReadAsync(stream, cancellation))
        {
            sample.Add(record.Json.Span);
            if (sample.Records == SampleRecords) break;
        }
        return sample;
    }

    /// <summary>What the texts of each field look like.</summary>
    private sealed class Sample(IStreamClasses judge)
    {
        private readonly Dictionary<string, Seen> _fields = new(StringComparer.Ordinal);

        public int Records { get; private set; }

        public void Add(ReadOnlySpan<byte> json)
        {
            Records++;
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
            reader.Read();
            Walk(ref reader, json, "");
        }

        public FieldVerdict? VerdictOf(string path)
        {
            if (!_fields.TryGetValue(path, out var seen)) return null;
            if (seen.Sensitive >= ShareMin * seen.Texts) return new(DataClass.Sensitive, ClassBasis.Values);
            return seen.Sensitive + seen.Personal >= ShareMin * seen.Texts ? new(DataClass.Personal, ClassBasis.Values) : null;
        }

        private void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string path)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        var name = TextOf(reader, json);
                        reader.Read();
                        Walk(ref reader, json, $"{path}/{JsonPointer.Escape(name)}");
                    }
                    break;
                case JsonTokenType.StartArray:
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Walk(ref reader, json, $"{path}/*");
                    break;
                case JsonTokenType.String when reader.ValueSpan.Length > 0:
                    Judge(path, TextOf(reader, json));
                    break;
            }
        }

        // With its quotes; lone surrogates, which the reader refuses to unescape, are read too.
        private static string TextOf(in Utf8JsonReader reader, ReadOnlySpan<byte> json) =>
            new RawValue(JsonTokenType.String, json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2).ToArray()).Text(out _);

        private void Judge(string path, string text)
        {
            var seen = _fields.GetValueOrDefault(path);
            var @class = judge.OfText(text);
            _fields[path] = new(seen.Texts + 1, seen.Personal + (@class == DataClass.Personal ? 1 : 0), seen.Sensitive + (@class == DataClass.Sensitive ? 1 : 0));
        }

        private readonly record struct Seen(int Texts, int Personal, int Sensitive);
    }
}
