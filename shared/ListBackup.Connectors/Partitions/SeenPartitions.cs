using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Partitions;

/// <summary>Which partitions came already, by 16 bytes of each one's hash, so that long keys take no more memory than short ones.</summary>
/// <param name="most">Most partitions; beyond them the read ends instead of the process.</param>
internal sealed class SeenPartitions(Session session, int most = SeenPartitions.PartitionsMax)
{
    /// <summary>Some 150 MB at the most.</summary>
    public const int PartitionsMax = 3_000_000;

    private readonly HashSet<UInt128> _seen = [];

    /// <summary>True the first time that a partition comes.</summary>
    /// <exception cref="PlatformTooManyException">More partitions came than can be told apart.</exception>
    public bool Add(Partition partition)
    {
        var isNew = _seen.Add(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(partition.Key))));
        if (_seen.Count > most)
            throw new PlatformTooManyException(most, session.Failure());

        return isNew;
    }
}
