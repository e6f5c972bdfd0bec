using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Knows which fields of a stream's records are personal data.</summary>
public interface IFieldClasses
{
    /// <exception cref="Problem">Conflict <c>classes-unknown</c>: nobody can tell any more, so that nothing of the stream may be taken for harmless.</exception>
    Task<IStreamClasses> OfAsync(Source source, string stream, CancellationToken cancellation);
}

/// <summary>The classes of one stream's fields.</summary>
public interface IStreamClasses
{
    /// <summary>What the field at <paramref name="path"/> is taken for, itself or by what it lies in; null: nothing says anything of it.</summary>
    /// <param name="path">Member names from the outside in; elements of lists under <c>*</c>.</param>
    FieldVerdict? OfField(IReadOnlyList<string> path);

    /// <summary>The class of a text by what it looks like, whatever field it stands in.</summary>
    DataClass? OfText(string text);
}

/// <summary>What people of the account decided, what the connector declares in <c>x-listbackup</c>, and rules on names and texts for what nobody knows: customers' own fields.</summary>
public sealed class DeclaredFieldClasses(IItemStore items, IConnections connections, IPlatformReader platform) : IFieldClasses
{
    public async Task<IStreamClasses> OfAsync(Source source, string stream, CancellationToken cancellation)
    {
        var decided = (await items.FindAsync(FieldOverrides.Key(source.Id, stream), SourceItemsJson.Default.FieldOverrides, cancellation))?.Value ?? FieldOverrides.None;
        try
        {
            var streams = await platform.KnownStreamsAsync(await connections.OpenAsync(source.AccountId, source.ConnectionId, ConnectionUse.Urgent, cancellation), cancellation);
            // A stream that the platform no longer has is judged by the rules alone.
            return new Classes(decided, streams.FirstOrDefault(s => s.Name == stream)?.Extensions.Classes ?? []);
        }
        catch (Exception unknown) when (unknown is Problem or PlatformException or ConfigException)
        {
            throw Problem.Conflict($"Which fields of {stream} are personal is declared by the source's connection, and that cannot be opened: {unknown.Message} Repair it, or export without a mask.", "classes-unknown");
        }
    }

    private sealed class Classes(FieldOverrides decided, IReadOnlyList<FieldClass> declared) : IStreamClasses
    {
        private readonly List<(IReadOnlyList<string> Path, DataClass Class)> _decided =
            [.. decided.Fields.Select(field => (Path: (IReadOnlyList<string>)JsonPointer.PartsOf(field.Key), field.Value)).OrderByDescending(field => field.Path.Count).ThenByDescending(field => field.Path.Count(key => key != "*"))];

        /// <summary>The closest decision; else sensitive wins, and then what is declared most closely: a field of consent among fields that are personal as a whole.</summary>
        public FieldVerdict? OfField(IReadOnlyList<string> path)
        {
            foreach (var (field, @class) in _decided)
            {
                if (Covers(field, path)) return new(@class, ClassBasis.Override);
            }
            var known = declared.Where(d => Covers(d.Field.Keys, path))
                .OrderByDescending(d => d.Class == PrivacyClass.Sensitive)
                .ThenByDescending(d => d.Field.Keys.Count(key => key != "*"))
                .FirstOrDefault();
            if (known is not null) return new(DataClasses.Of(known.Class), ClassBasis.Declared);
            return PersonalWords.ClassOf(path[^1]) is { } named ? new(named, ClassBasis.Name) : null;
        }

        public DataClass? OfText(string text) => ValueChecks.ClassOf(text);

        /// <summary>A class holds for the field and for all that lies in it.</summary>
        private static bool Covers(IReadOnlyList<string> field, IReadOnlyList<string> path)
        {
            if (field.Count > path.Count) return false;
            for (var i = 0; i < field.Count; i++)
            {
                if (field[i] != path[i] && field[i] != "*") return false;
            }
            return true;
        }
    }
}
