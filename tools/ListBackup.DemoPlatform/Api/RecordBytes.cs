using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

/// <summary>A record as the API shows it: the stored bytes, and for two kinds a last field that is computed at each request.</summary>
internal sealed class RecordBytes(CrmStore store)
{
    private const long LinkSeconds = 3_600;

    private readonly byte[] _linkKey = RandomNumberGenerator.GetBytes(32);

    public void Write(HttpContext context, IBufferWriter<byte> output, RecordKind kind, Row row)
    {
        var json = store.Json(kind, row);
        var computed = Computed(context, kind, row);
        if (computed is null)
        {
            output.Write(json);
            return;
        }

        output.Write(json[..^1]);
        Encoding.UTF8.GetBytes(computed, output);
    }

    public byte[] One(HttpContext context, RecordKind kind, Row row)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(context, output, kind, row);
        return output.WrittenSpan.ToArray();
    }

    public bool IsLinkValid(long number, string? expires, string? signature)
    {
        if (!long.TryParse(expires, out var until) || until < store.Now || signature is null) return false;
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(number, until)), Encoding.ASCII.GetBytes(signature));
    }

    private string? Computed(HttpContext context, RecordKind kind, Row row)
    {
        switch (kind)
        {
            case RecordKind.List:
                return $",\"member_count\":{store[RecordKind.Membership].View(new ListFilter(Parent: row.Number)).Count}}}";
            case RecordKind.Attachment:
                var until = store.Now + LinkSeconds;
                var id = RecordKinds.IdText(kind, row.Number);
                return $",\"download_url\":\"{context.Request.Scheme}://{context.Request.Host}/files/{id}?expires={until}&signature={Sign(row.Number, until)}\"}}";
            default:
                return null;
        }
    }

    private string Sign(long number, long until) => Convert.ToHexStringLower(HMACSHA256.HashData(_linkKey, Encoding.ASCII.GetBytes($"{number}|{until}")));
}
