using System.Buffers.Text;
using System.Text;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Every source below an account with its protection, page by page; with <c>unproven</c> only what is not provably backed up.</summary>
public sealed class ListFleet(FleetReader fleet)
{
    // Looking at a source costs two reads; a page that looked at so many goes on later, however few it found.
    private const int ExaminedMax = 500;

    public async Task<Ok<Page<FleetSourceView>>> RunAsync(HttpContext http, int? withinHours, bool? unproven, int? limit, string? cursor, CancellationToken cancellation)
    {
        var within = TimeSpan.FromHours(FleetRules.WithinHours(withinHours));
        var (max, place, found, examined) = (Paging.Limit(limit), Place.Parse(cursor), new List<FleetSourceView>(), 0);
        await foreach (var account in fleet.AccountsAsync(http.GetAccess().Account, place?.Account.Before, cancellation))
        {
            var path = AccountKeys.PathText(account.Path);
            var after = place?.Account.Path == path ? place.Source : (SourceId?)null;
            await foreach (var source in fleet.SourcesAsync(account.Id, after, cancellation))
            {
                var view = await fleet.ViewAsync(account, source, within, cancellation);
                examined++;
                if (unproven != true || (view.Protection != Protection.Proven && view.Health != SourceHealth.Paused)) found.Add(view);
                if (found.Count == max || examined == ExaminedMax) return TypedResults.Ok(new Page<FleetSourceView>(found, new Place(new(path), source.Id).ToCursor()));
            }
        }
        return TypedResults.Ok(new Page<FleetSourceView>(found, null));
    }

    /// <summary>The last source that was looked at.</summary>
    private sealed record Place(AccountPlace Account, SourceId Source)
    {
        public string ToCursor() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Account.Path} {Source}"));

        public static Place? Parse(string? cursor)
        {
            if (cursor is null) return null;
            try
            {
                var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ');
                if (parts.Length == 2 && SourceId.TryParse(parts[1], out var source)) return new(new(parts[0]), source);
            }
            catch (FormatException)
            {
                // Refused below.
            }
            throw Problem.Invalid("cursor", "Is not a cursor of this list.");
        }
    }

    /// <summary>An account by its path. The walk begins right before it, since it may have more sources.</summary>
    private sealed record AccountPlace(string Path)
    {
        // A path ends in a slash; nothing lies between it without the slash and it.
        public string Before => Path.TrimEnd('/');
    }
}
