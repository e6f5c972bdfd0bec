using System.IO.Pipelines;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>One stream of an export.</summary>
/// <param name="Name">As the snapshot has it.</param>
/// <param name="Fields">Its top-level fields, sorted; a record may have others.</param>
/// <param name="Read">Its records, selected and masked, ordered by key. Each call reads anew.</param>
public sealed record ExportedStream(string Name, IReadOnlyList<string> Fields, Func<CancellationToken, IAsyncEnumerable<Record>> Read);

/// <summary>How an export becomes files.</summary>
public enum ExportLayout
{
    /// <summary>One file per stream, which may end after any record and go on in a further file.</summary>
    Parts,

    /// <summary>One file per stream, written in one go.</summary>
    FilePerStream,

    /// <summary>One file for all streams, written in one go.</summary>
    OneFile,
}

/// <summary>Writes records as files of one kind, in bounded memory. It adds nothing of its own and leaves nothing out without a trace.</summary>
public interface IExportFormat
{
    ExportFormat Format { get; }

    ExportLayout Layout { get; }

    /// <summary>Writes the streams (exactly one, unless the layout is <see cref="ExportLayout.OneFile"/>). The output is flushed and left open.</summary>
    /// <param name="leftovers">Takes values that the file has no room for; most formats have room for all.</param>
    /// <returns>How many records were written.</returns>
    Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation);
}
