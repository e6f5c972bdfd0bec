namespace ListBackup.Testing.Manifests;

/// <summary>What goes wrong at a platform. A test overrides what it is about.</summary>
internal class FakeFaults
{
    /// <summary>Asked before a request is answered; null when it is answered as it should be.</summary>
    public virtual FakeFault? Before(IncomingRequest request) => null;

    /// <summary>May change an answer.</summary>
    public virtual FakeReply After(IncomingRequest request, FakeReply reply) => reply;

    /// <summary>Rows of a full page, where the platform gives fewer than are asked for.</summary>
    public virtual int PageSize(int asked) => asked;

    /// <summary>The platform takes no notice of the interval that it is asked for.</summary>
    public virtual bool IgnoresFilter => false;

    /// <summary>How many rows the platform says that it has. Null: it does not tell.</summary>
    /// <param name="rows">How many it has.</param>
    public virtual long? Total(int rows) => rows;

    /// <summary>The platform says after each page that there is another.</summary>
    public virtual bool IsEndless => false;
}

/// <param name="Reply">Sent instead of the answer; null: the answer itself.</param>
/// <param name="CutAfter">So many bytes of the body are sent, then the connection breaks.</param>
/// <param name="Stalls">Instead of breaking, nothing more comes until the client gives up.</param>
internal sealed record FakeFault(FakeReply? Reply = null, int? CutAfter = null, bool Stalls = false);
