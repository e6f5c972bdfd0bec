using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>stream_groups</c>: streams that share something on the platform, so that only one of a group may be read at a time.</summary>
internal sealed record StreamGroups
{
    /// <summary>Tells each stream its groups.</summary>
    public static StreamGroups Parse(ComponentReader root, StreamIndex streams)
    {
        if (root.Raw("stream_groups") is { IsNothing: false } groups)
        {
            if (groups.Kind != ValueKind.Map)
                throw root.Problem("stream_groups", "A map of groups is wanted.");
            foreach (var (name, group) in groups.Map)
                Group(root.Part(group, $"stream_groups.{name}", "stream_groups", "StreamGroup"), name, streams);
        }

        return new StreamGroups();
    }

    private static void Group(ComponentReader reader, string name, StreamIndex streams)
    {
        // The only action that the language has.
        reader.Component("action", "BlockSimultaneousSyncsAction", static inner => inner.Type == "BlockSimultaneousSyncsAction" ? inner.Done(inner) : throw inner.WrongType());
        var members = reader.Raw("streams") is { Kind: ValueKind.List } list ? list.List : throw reader.Missing("streams");
        for (var at = 0; at < members.Count; at++)
        {
            // A member is a reference to a stream, so by now it is that stream once more; its name says which.
            var member = reader.Part(members[at], $"{reader.At("streams")}[{at}]", "streams", "DeclarativeStream").Text("name");
            if (!streams.Has(member))
                throw new ManifestException($"{reader.At("streams")}[{at}]", reader.Type, $"There is no stream called '{member}'.");
            foreach (var stream in streams[member])
                stream.Groups = [.. stream.Groups, name];
        }

        reader.Done(reader);
    }
}
