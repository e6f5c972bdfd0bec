using System.Security.Cryptography;
using System.Text;
using ListBackup.CommandLine;
using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;
using ZstdSharp;

namespace ListBackup.Vault.Tests.Fuzzing;

/// <summary>A parser that gets any bytes. Where an outsider could not forge the bytes, the target seals or signs them first: what is tried is the parser, not the seal.</summary>
/// <param name="Name">As scripts/fuzz and tests/vectors/vault/fuzz call it.</param>
/// <param name="Run">Takes an input; throws when the parser throws anything but what it documents, or breaks a promise.</param>
/// <param name="Seeds">Inputs that are right, to begin from.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run, IReadOnlyList<byte[]> Seeds)
{
    private const string Object = "m/fuzz/000000000001.json";
    private static readonly ECDsa s_signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly VaultSecrets s_secrets = new(new string('0', 32), new byte[32], s_signing);
    private static readonly byte[] s_key = new byte[Kdf.KeyByteCount];
    private static readonly FieldPaths s_paths = FieldPaths.Parse(["/id", "/a/b"], ["/seen", "/list/*/at", "/any/*"]);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("record", Record, Texts("""{"id":"7","a":{"b":1},"seen":"x","list":[{"at":1,"n":-1.50e+3}],"any":{"k":true},"\ud83d\ude00":"\ud800","z":null}""", """{"id":"é\u0041\n"}""")),
        new("canonical-json", Canonical, Texts("""{"a":[1,2,{"b":"c"}],"b":{}}""", """{"attempt":"0","parent":"1"}""")),
        new("block-lines", Lines, Texts(
            "{\"k\":\"7\",\"o\":\"put\",\"v\":{\"id\":7}}\n{\"k\":\"8\",\"n\":12,\"o\":\"del\"}\n",
            "{\"k\":\"9\",\"n\":12,\"o\":\"redacted\",\"h\":\"00112233445566778899aabbccddeeff\"}\n{\"k\":\"a\",\"o\":\"put\",\"v\":\"{\\n}\"}\n",
            "{\"kh\":\"00112233445566778899aabbccddeeff\",\"n\":3,\"o\":\"erased\"}\n")),
        new("block-frame", Frame, [Compressed("{\"k\":\"8\",\"o\":\"gone\"}\n"u8), Compressed(new byte[100_000])]),
        new("footer-json", bytes => Footer(Compressed(bytes)), Texts("""{"sections":[{"blocks":[{"g":0,"h":"00","l":1,"o":8,"r":1}],"groups":1,"id":"00","keyEpoch":1,"source":"s","stream":"t"}]}""")),
        new("footer-pages", bytes => Footer(Compressed(bytes)), Texts("""{"sections":[{"groups":8,"id":"00","keyEpoch":1,"pages":{"g":[0,4],"h":"0000000000000000000000000000000011111111111111111111111111111111","l":[1,2],"o":8},"source":"s","stream":"t"}]}""")),
        new("footer-page", bytes => FooterPage(Compressed(bytes)), Texts("""{"g":[0,4],"h":"0000000000000000000000000000000011111111111111111111111111111111","l":[1,2],"o":8,"r":[1,1]}""")),
        new("footer-page-frame", FooterPage, [Compressed("{}"u8), Compressed(new byte[100_000])]),
        new("footer-frame", Footer, [Compressed("""{"sections":[]}"""u8), Compressed(new byte[100_000])]),
        new("signed-document", Signed, [SignedDocument.Write("""{"seq":1}"""u8, s_signing)]),
        new("manifest", Manifest, [CanonicalJson.Write(ExampleManifest(), FormatJson.Default.Manifest), .. Texts("""{"parent":"00","seq":1,"source":"s","stub":{"expiredBy":2,"run":"r","sha256":"00","time":"2026-01-01T00:00:00+00:00"},"vault":"0"}""")]),
        new("stream-keys", StreamKeyFile, [BodyOf(StreamKeys.WriteNext(null, "s", "t", 4, s_secrets))]),
        new("format-json", FormatFile, Texts("""{"crypto":"aes-256-gcm hkdf-sha256 hmac-sha256 ecdsa-p256-sha256","format":"listbackup-vault","signingKey":"AAAA","vault":"00","version":1}""")),
        new("vault-keys", VaultKeys, Texts("{\"accountKey\":\"k\",\"epoch\":1,\"sealed\":\"AAAA\",\"vault\":\"00\"}\n{\"signature\":\"AAAA\"}\n")),
        new("draft", Draft, [ExampleDraft()]),
        new("draft-payload", DraftPayload, [new byte[12], [.. new byte[4], 1, 0, 0, 0, .. new byte[16], 1, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3]]),
        new("input-lines", InputLines, Texts("{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}")),
    ];

    private static void Record(byte[] input)
    {
        var (scanner, schema) = (new RecordScanner(s_paths, "salt"u8), new SchemaTree());
        var problem = scanner.Scan(input, schema);
        _ = scanner.Key();
        if (problem != RecordProblem.None) return;
        var (canonical, hash) = (scanner.Canonical.ToArray(), scanner.Hash());
        if (scanner.Scan(canonical, schema: null) != RecordProblem.None || !scanner.Canonical.SequenceEqual(canonical) || scanner.Hash() != hash)
            throw new InvalidOperationException("The canonical form of a canonical form is another.");
    }

    private static void Canonical(byte[] input)
    {
        Expect<VaultException>(() => _ = CanonicalJson.Of(input));
        Expect<VaultDamagedException>(() => _ = CanonicalJson.Read(input, FormatJson.Default.Manifest, Object));
        Expect<VaultDamagedException>(() => _ = CanonicalJson.Read(input, FormatJson.Default.LedgerEntry, Object));
    }

    private static void Lines(byte[] input)
    {
        var entry = new BlockEntry(0, 0, 0, input.AsSpan().Count((byte)'\n'), "");
        Expect<VaultDamagedException>(() =>
        {
            var output = new BlockBuffer(64);
            foreach (var line in Block.LinesOf(input, entry, Object)) line.WriteAgain(output, line.Seq);
        });
    }

    private static void Frame(byte[] input)
    {
        var block = new byte[input.Length + Gcm.TagByteCount];
        Gcm.Encrypt(Block.KeyOf(s_key, new byte[16]), input, block);
        using var reader = new BlockReader();
        Expect<VaultDamagedException>(() => _ = reader.Read(block, new BlockEntry(0, 0, block.Length, 1, Sha256(block)), s_key, new byte[16], Object));
    }

    private static void Footer(byte[] input) =>
        Expect<VaultDamagedException>(() => _ = SegmentFile.ReadFooter(input, new FooterReference(8, input.Length, Sha256(input)), Object));

    private static void FooterPage(byte[] input) => Expect<VaultDamagedException>(() => _ = new FooterColumns([0], Sha256(input)[..32], [input.Length], 8).ReadPage(0, input, 8, Object));

    private static void Signed(byte[] input) => Expect<VaultDamagedException>(() => _ = SignedDocument.Read(input, s_signing, Object));

    /// <summary>Signed by ourselves, so that a wrong manifest is met at all.</summary>
    private static void Manifest(byte[] input) => Expect<VaultException>(() =>
    {
        var objects = new MemoryObjects();
        objects.PutAsync(Object, SignedDocument.Write(input, s_signing), PutCondition.Replace, default).GetAwaiter().GetResult();
        _ = new ManifestStore(objects, s_secrets).ReadAnyAsync("fuzz", 1, default).GetAwaiter().GetResult();
    });

    private static void StreamKeyFile(byte[] input) =>
        Expect<VaultDamagedException>(() => _ = StreamKeys.Read(SignedDocument.Write(input, s_signing), "k/s/t/000001.keys", "s", "t", s_secrets));

    private static void FormatFile(byte[] input) => Open(input, "{}\n{\"signature\":\"\"}\n"u8.ToArray());

    private static void VaultKeys(byte[] input) => Open("""{"crypto":"aes-256-gcm hkdf-sha256 hmac-sha256 ecdsa-p256-sha256","format":"listbackup-vault","signingKey":"AAAA","vault":"00","version":1}"""u8.ToArray(), input);

    private static void Open(byte[] format, byte[] keys) => Expect<VaultException>(() =>
    {
        var objects = new MemoryObjects();
        objects.PutAsync(ObjectNames.Format, format, PutCondition.Replace, default).GetAwaiter().GetResult();
        objects.PutAsync(ObjectNames.VaultKey(1), keys, PutCondition.Replace, default).GetAwaiter().GetResult();
        _ = BackupVault.OpenAsync(objects, new FixedVaultKeys(new AccountKey("k", s_key)), new VaultOptions(), default).GetAwaiter().GetResult();
    });

    /// <summary>A draft that cannot be read is as good as none: nothing is thrown.</summary>
    private static void Draft(byte[] input)
    {
        _ = DraftPart.Read([.. input], s_key);
        var objects = new MemoryObjects();
        objects.PutAsync("x/draft", input, PutCondition.Replace, default).GetAwaiter().GetResult();
        _ = DraftPart.ReadHeaderAsync(objects, "x/draft", s_key, default).GetAwaiter().GetResult();
    }

    private static void DraftPayload(byte[] input)
    {
        var header = ExampleDraft().AsSpan();
        var length = 12 + System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        _ = DraftPart.Read([.. header[..length], .. Sealed.Write(s_key, "draft payload", input)], s_key);
    }

    private static void InputLines(byte[] input)
    {
        // Every line in order and nothing else; only feeds and empty lines are left out.
        var read = new List<byte>();
        foreach (var line in CommandLine.Lines.ReadAsync(new MemoryStream(input), default).ToBlockingEnumerable()) read.AddRange([.. line.Span, (byte)'\n']);
        var expected = Encoding.Latin1.GetString(input).Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(line => line + "\n");
        if (!Encoding.Latin1.GetString([.. read]).SequenceEqual(expected)) throw new InvalidOperationException("Lines were lost, made or changed.");
    }

    private static void Expect<TException>(Action action) where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException)
        {
        }
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[] Compressed(ReadOnlySpan<byte> content)
    {
        using var compressor = new Compressor(3);
        return compressor.Wrap(content).ToArray();
    }

    private static byte[] BodyOf(byte[] document) => document[..document.AsSpan().IndexOf((byte)'\n')];

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] ExampleDraft() => DraftPart.Write(
        new DraftHeader { Attempt = "a", BaseSeq = 0, BaseRoot = null, Counts = new StreamCounts(), Schema = new SchemaTree().ToSchema(firstSeq: 1), Sections = [] },
        new ChangeTable(), new KeyMarks(64), ["section"u8.ToArray()], s_key);

    private static Manifest ExampleManifest() => new()
    {
        Vault = new string('0', 32), Source = "fuzz", Seq = 1, Attempt = "a", Run = "r", Trigger = "t", Time = DateTimeOffset.UnixEpoch, SegmentBytes = 0,
        Streams = new SortedDictionary<string, StreamState>(StringComparer.Ordinal),
        Retention = new RetentionPolicy { KeepAllDays = 7 }, Holds = [new SnapshotHold("h", 1, DateTimeOffset.UnixEpoch)], Expired = [new SeqRange(1, 2)],
    };
}
