using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Manifest;

/// <summary>What <c>x-listbackup.streams.NAME</c> says about a stream.</summary>
internal sealed record StreamExtension(StreamExtensions Told, TotalProbe? Total)
{
    public static readonly StreamExtension None = new(StreamExtensions.None, null);
}
