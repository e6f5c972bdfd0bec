using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Partitions;

public sealed class SeenPartitionsTests
{
    private static Partition Of(long id) => new(new ValueMap().Set("list", Value.Of(id)), null);

    [Fact]
    public void More_partitions_than_can_be_told_apart_are_refused_by_name_of_the_limit()
    {
        using var http = new Requests.ConnectorHttp(Ports.Loopback);
        var session = Connector.Load(Manifests.OneStream("/items")).Program.OpenSession(MemoryPlatform.Config, Ports.For(http), "items");
        var seen = new SeenPartitions(session, most: 2);

        (seen.Add(Of(1)), seen.Add(Of(2)), seen.Add(Of(1))).ShouldBe((true, true, false));
        Should.Throw<PlatformTooManyException>(() => seen.Add(Of(3))).Message.ShouldContain("more than 2 partitions");
    }
}
