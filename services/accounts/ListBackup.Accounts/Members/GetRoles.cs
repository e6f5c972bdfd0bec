using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The permission table, as the code decides by it.</summary>
public sealed class GetRoles
{
    public Ok<RoleTableAnswer> Run() => TypedResults.Ok(new RoleTableAnswer(
        [.. Enum.GetValues<Role>().Order().Select(role => new RoleAnswer(role, [.. Enum.GetValues<Permission>().Where(p => p != Permission.Self && PermissionTable.Allows(role, p)).Select(p => p.ToString())]))]));
}
