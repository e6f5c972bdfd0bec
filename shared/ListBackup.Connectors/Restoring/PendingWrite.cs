using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Restoring;

/// <summary>One record on its way: ready to be sent, or with its outcome.</summary>
internal sealed class PendingWrite(WriteRequest request)
{
    public WriteRequest Request => request;

    /// <summary>The record on the platform; undefined when there is none or nobody can tell.</summary>
    public Value Live { get; set; }

    /// <summary>Null when it is not sent.</summary>
    public PreparedRecord? Prepared { get; set; }

    public WriteOutcome? Outcome { get; set; }
}
