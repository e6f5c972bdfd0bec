namespace ListBackup.Testing.Manifests;

/// <summary>Faults at chosen requests for pages, counted from one. Logins are not counted.</summary>
internal sealed class PlannedFaults(Func<int, FakeFault?> plan, Func<IncomingRequest, bool>? isOther = null) : FakeFaults
{
    public int Count { get; private set; }

    public override FakeFault? Before(IncomingRequest request) => isOther?.Invoke(request) == true ? null : plan(++Count);

    public static PlannedFaults At(int number, FakeFault fault) => new(count => count == number ? fault : null);

    public static PlannedFaults From(int first, int last, FakeFault fault) => new(count => count >= first && count <= last ? fault : null);
}
