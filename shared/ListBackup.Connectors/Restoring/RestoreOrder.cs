using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Restoring;

/// <summary>An order of streams in which each comes after those it needs.</summary>
internal static class RestoreOrder
{
    /// <exception cref="ManifestException"><c>after</c> goes in a circle, or names a stream that is not restored.</exception>
    public static IReadOnlyList<string> Of(IReadOnlyList<RestoreStreamInfo> streams)
    {
        var byName = streams.ToDictionary(stream => stream.Name, StringComparer.Ordinal);
        var order = new List<string>();
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stream in streams)
            Visit(stream, isRequired: true);

        return order;

        void Visit(RestoreStreamInfo stream, bool isRequired)
        {
            if (order.Contains(stream.Name))
                return;
            if (!open.Add(stream.Name))
            {
                // A circle of references is common (a company's main contact) and resolved by a second write; a circle of `after` is a mistake.
                if (isRequired)
                    throw new ManifestException($"restore.streams.{stream.Name}.after", "", "The order goes in a circle.");

                return;
            }

            foreach (var name in stream.After)
                Visit(byName.GetValueOrDefault(name) ?? throw new ManifestException($"restore.streams.{stream.Name}.after", "", $"There is no stream '{name}' here."), isRequired: true);
            foreach (var reference in stream.References.Where(reference => reference.Stream != stream.Name))
            {
                if (byName.TryGetValue(reference.Stream, out var target))
                    Visit(target, isRequired: false);
            }

            open.Remove(stream.Name);
            if (!order.Contains(stream.Name))
                order.Add(stream.Name);
        }
    }
}
