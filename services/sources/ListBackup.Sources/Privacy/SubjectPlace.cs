using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>How far a search for a person has come: source, stream, snapshot, identifier, and the vault's own place. Sources and streams are taken in the order of their names.</summary>
internal sealed record SubjectPlace(string Source, string Stream, long Seq, int Identifier, string? Inner)
{
    public string ToCursor() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, SubjectJson.Default.SubjectPlace));

    /// <exception cref="Problem">It is none that a page returned.</exception>
    public static SubjectPlace Parse(string cursor)
    {
        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(cursor), SubjectJson.Default.SubjectPlace) is { Source: not null, Stream: not null, Seq: >= 0, Identifier: >= 0 } place
                ? place
                : throw Refusal;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or DecoderFallbackException)
        {
            throw Refusal;
        }
    }

    private static Problem Refusal => Problem.Invalid("cursor", "Is not a cursor of this list.");
}

[JsonSerializable(typeof(SubjectPlace))]
internal sealed partial class SubjectJson : JsonSerializerContext;
