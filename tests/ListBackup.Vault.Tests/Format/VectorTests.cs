using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Tests.Format;

/// <summary>tests/vectors/vault/format.json was computed by another implementation (Python: hashlib, cryptography, zstd) from docs/vault-format.md.</summary>
public sealed class VectorTests
{
    private static readonly JsonElement s_vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "vault", "format.json"))).RootElement;

    [Fact]
    public void Keys_are_derived_as_specified()
    {
        foreach (var vector in Vectors("derive"))
        {
            string[] context = [.. vector.GetProperty("context").EnumerateArray().Select(part => part.GetString()!)];
            Kdf.DeriveSalted(Bytes(vector, "key"), Bytes(vector, "salt"), Text(vector, "purpose"), context).ShouldBe(Bytes(vector, "derived"));
        }
    }

    [Fact]
    public void Key_hashes_are_as_specified()
    {
        foreach (var vector in Vectors("keyHash"))
            Hex(new StreamSecrets(Bytes(vector, "secret"), []).HashKey(Text(vector, "key"))).ShouldBe(Text(vector, "hash"));
    }

    [Fact]
    public void Canonical_forms_and_record_hashes_are_as_specified()
    {
        foreach (var vector in Vectors("canonical"))
        {
            string[] volatileFields = [.. vector.GetProperty("volatileFields").EnumerateArray().Select(field => field.GetString()!)];
            var scanner = new RecordScanner(FieldPaths.Parse([], volatileFields), Bytes(vector, "salt"));

            scanner.Scan(Utf8(vector, "json"), schema: null).ShouldBe(RecordProblem.None, Text(vector, "json"));

            Encoding.UTF8.GetString(scanner.Canonical).ShouldBe(Text(vector, "canonical"));
            Hex(scanner.Hash()).ShouldBe(Text(vector, "recordHash"), Text(vector, "json"));
        }
    }

    [Fact]
    public void What_has_no_canonical_form_is_refused()
    {
        foreach (var vector in Vectors("refused"))
            new RecordScanner(FieldPaths.Parse([], []), []).Scan(Utf8(vector, "json"), schema: null).ToString().ShouldBe(Text(vector, "problem"), StringCompareShould.IgnoreCase);
    }

    [Fact]
    public void State_roots_are_as_specified()
    {
        foreach (var vector in Vectors("stateRoot"))
        {
            var pairs = Enumerable.Range(0, vector.GetProperty("count").GetInt32()).Select(i => (Key: HashOf($"key {i}"), Record: HashOf($"record {i}"))).OrderBy(pair => pair.Key).ToArray();

            StateRoot.Of([.. pairs.Select(pair => pair.Key)], [.. pairs.Select(pair => pair.Record)]).ShouldBe(Text(vector, "root"));
        }
    }

    [Fact]
    public void Sealed_boxes_open_and_only_with_their_key_and_purpose()
    {
        foreach (var vector in Vectors("sealed"))
        {
            var (key, box) = (Bytes(vector, "key"), Bytes(vector, "box"));
            Sealed.Read(key, Text(vector, "purpose"), box).ShouldBe(Bytes(vector, "plain"));
            Sealed.Read(key, "x", Sealed.Write(key, "x", box)).ShouldBe(box);
            Should.Throw<CryptographicException>(() => Sealed.Read(key, "another purpose", box));
            Should.Throw<CryptographicException>(() => Sealed.Read(new byte[32], Text(vector, "purpose"), box));
        }
    }

    [Fact]
    public void Blocks_open_and_their_lines_are_read()
    {
        var vector = Vectors("block").ShouldHaveSingleItem();
        var block = Bytes(vector, "block");
        var entry = new BlockEntry(0, 0, block.Length, 3, Convert.ToHexStringLower(SHA256.HashData(block)));
        using var reader = new BlockReader();

        var lines = reader.Read(block, entry, Bytes(vector, "groupKey"), Bytes(vector, "sectionId"), "test");

        Encoding.UTF8.GetString(lines).ShouldBe(Text(vector, "lines"));
        var read = Block.LinesOf(lines, entry, "test").ToList();
        read.Select(line => (line.Key, line.Seq, line.Operation)).ShouldBe(
            [("7", null, RecordOperation.Put), ("8", 12L, RecordOperation.Delete), ("9", null, RecordOperation.Put)]);
        Encoding.UTF8.GetString(read[2].Json!.Value.Span).ShouldBe("{\n\"id\":9}");
    }

    [Fact]
    public void Pages_of_a_footer_list_the_blocks_as_specified()
    {
        var vector = Vectors("footer").ShouldHaveSingleItem();
        var (place, bytes) = (vector.GetProperty("footer").Deserialize(FormatJson.Default.FooterReference)!, Bytes(vector, "bytes"));
        var start = (int)place.Pages!.Value;
        var section = SegmentFile.ReadFooter(bytes.AsSpan((int)place.Offset - start), place, "test").Sections.ShouldHaveSingleItem();
        var read = new OpenFooterSection(section, "test");

        read.ReadPages(bytes, start);

        section.Id.ShouldBe(Text(vector, "section"));
        read.Table.Blocks.ShouldBe(vector.GetProperty("blocks").Deserialize<BlockEntry[]>()!);
        // Written again they are the same, but for the compressor.
        FooterColumns.Of([.. read.Table.Blocks]).RangeOf(0, read.Table.Blocks.Count).ShouldBe((8, start - 8));
    }

    [Fact]
    public void Free_text_in_names_is_spelled_as_specified()
    {
        foreach (var vector in Vectors("part"))
        {
            ObjectNames.Part(Text(vector, "text")).ShouldBe(Text(vector, "part"));
            Uri.UnescapeDataString(Text(vector, "part")).ShouldBe(Text(vector, "text"));
        }
    }

    private static List<JsonElement> Vectors(string name)
    {
        var vectors = s_vectors.GetProperty(name).EnumerateArray().ToList();
        vectors.ShouldNotBeEmpty();
        return vectors;
    }

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    private static byte[] Utf8(JsonElement vector, string name) => Encoding.UTF8.GetBytes(Text(vector, name));

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(Text(vector, name));

    private static Hash128 HashOf(string text) => Hash128.Read(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hex(Hash128 hash) => $"{hash.High:x16}{hash.Low:x16}";
}
