using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>What a membership or team grant makes of a person on an account and everything below it.</summary>
[JsonConverter(typeof(EnumNames<Role>))]
public enum Role
{
    /// <summary>Reads activity and certificates, never record content.</summary>
    [JsonStringEnumMemberName("auditor")] Auditor,
    /// <summary>Reads everything that is backed up.</summary>
    [JsonStringEnumMemberName("viewer")] Viewer,
    /// <summary>Runs syncs, restores and exports.</summary>
    [JsonStringEnumMemberName("operator")] Operator,
    /// <summary>Runs the account: members, connections, sources, settings.</summary>
    [JsonStringEnumMemberName("admin")] Admin,
    /// <summary>Everything, deletion and ownership included.</summary>
    [JsonStringEnumMemberName("owner")] Owner,
}

/// <summary>What an endpoint asks for. Each is granted to roles by <see cref="PermissionTable"/> and nowhere else.</summary>
public enum Permission
{
    /// <summary>Any signed-in person, about themselves; no account is involved.</summary>
    Self,
    AccountRead,
    AccountManage,
    AccountCreate,
    AccountMove,
    AccountDelete,
    MembersRead,
    MembersManage,
    OwnersManage,
    TeamsManage,
    ActivitiesRead,
    ChannelsManage,
    KeysManage,
    PlatformsRead,
    ManifestsManage,
    ConnectionsRead,
    ConnectionsManage,
    SourcesRead,
    SourcesManage,
    SourcesRun,
    SnapshotsRead,
    SnapshotsManage,
    CertificatesRead,
    RecordsRead,
    RestoresRead,
    RestoresPlan,
    RestoresApprove,
    /// <summary>Takes records along as they are.</summary>
    ExportsCreate,
    /// <summary>Takes records along with personal data masked; exports without a mask ask for <see cref="ExportsCreate"/> besides.</summary>
    ExportsCreateMasked,
    PrivacyRead,
    PrivacyErase,
    UsageRead,
}

/// <summary>Which role may do what. The one place that decides; the documentation and the tenancy test read it.</summary>
public static class PermissionTable
{
    private static readonly Role[] Everyone = [Role.Auditor, Role.Viewer, Role.Operator, Role.Admin, Role.Owner];
    private static readonly Role[] Readers = [Role.Viewer, Role.Operator, Role.Admin, Role.Owner];
    private static readonly Role[] Operators = [Role.Operator, Role.Admin, Role.Owner];
    private static readonly Role[] Admins = [Role.Admin, Role.Owner];
    private static readonly Role[] Owners = [Role.Owner];

    /// <summary>The roles that have the permission. <see cref="Permission.Self"/> needs no role and is refused here.</summary>
    public static IReadOnlyList<Role> RolesOf(Permission permission) => permission switch
    {
        Permission.AccountRead or Permission.SourcesRead or Permission.PlatformsRead or Permission.CertificatesRead
            or Permission.ActivitiesRead or Permission.UsageRead => Everyone,
        Permission.MembersRead or Permission.ConnectionsRead or Permission.SnapshotsRead or Permission.RecordsRead or Permission.RestoresRead
            or Permission.ExportsCreateMasked => Readers,
        Permission.SourcesRun or Permission.RestoresPlan or Permission.RestoresApprove or Permission.ExportsCreate => Operators,
        Permission.AccountManage or Permission.AccountCreate or Permission.MembersManage or Permission.TeamsManage or Permission.ChannelsManage
            or Permission.ManifestsManage or Permission.ConnectionsManage or Permission.SourcesManage or Permission.SnapshotsManage
            or Permission.PrivacyRead => Admins,
        Permission.AccountMove or Permission.AccountDelete or Permission.OwnersManage or Permission.KeysManage or Permission.PrivacyErase => Owners,
        _ => throw new ArgumentOutOfRangeException(nameof(permission), permission, "Has no roles."),
    };

    public static bool Allows(Role role, Permission permission) => RolesOf(permission).Contains(role);
}
