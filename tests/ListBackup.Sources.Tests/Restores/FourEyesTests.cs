using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>Where an account demands it, who planned a restore does not approve it.</summary>
public sealed class FourEyesTests
{
    private static readonly object Everything = new { kind = "everything" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_planned_it_may_not_approve_it_and_somebody_else_may(bool isDemandedAbove)
    {
        await using var restore = await RestoreWorld.StartAsync();
        await DemandAsync(restore.World, "true", isDemandedAbove);
        var other = await restore.World.JoinAsync(Role.Operator);
        restore.DeleteContactsAndNotes();
        var plan = await restore.PlanAsync(Everything);
        ((bool)plan.Json["restore"]!["needsSecondPerson"]!).ShouldBeTrue();

        var refused = await restore.PostStepAsync(plan, "approve");
        refused.ShouldBe(HttpStatusCode.Forbidden).Text("type").ShouldEndWith("/second-person-needed");
        await restore.World.WorkAsync();
        restore.World.Writer.Writes.ShouldBeEmpty();

        (await restore.PostStepAsync(plan, "approve", other)).ShouldBe(HttpStatusCode.Accepted);
        await restore.World.WorkAsync();
        var applied = await restore.JobAsync(plan.Text("id"));
        applied.Text("state").ShouldBe("succeeded", applied.Body);
        applied.Json["restore"]!["approvedBy"]!.ToString().ShouldBe(other);
    }

    [Fact]
    public async Task The_setting_counts_as_it_was_when_the_restore_was_planned_and_as_it_is_now()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        var before = await restore.PlanAsync(Everything);
        await DemandAsync(restore.World, "true");
        var under = await restore.PlanAsync(Everything);
        (await restore.PostStepAsync(before, "approve")).ShouldBe(HttpStatusCode.Forbidden);

        await DemandAsync(restore.World, "false");
        // Whoever may change settings does not approve their own plan by a moment without the rule.
        (await restore.PostStepAsync(under, "approve")).ShouldBe(HttpStatusCode.Forbidden);
        (await restore.PostStepAsync(before, "approve")).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Taking_back_needs_nobody_else()
    {
        await using var restore = await RestoreWorld.StartAsync();
        await DemandAsync(restore.World, "true");
        restore.DeleteContactsAndNotes();
        var plan = await restore.PlanAsync(Everything);
        (await restore.PostStepAsync(plan, "approve", await restore.World.JoinAsync(Role.Operator))).ShouldBe(HttpStatusCode.Accepted);
        await restore.World.WorkAsync();

        (await restore.UndoAsync(plan)).Text("state").ShouldBe("undone");
    }

    /// <summary>Sets the account's setting, or that of one above it.</summary>
    private static async Task DemandAsync(SyncWorld world, string value, bool above = false)
    {
        var items = world.Runs.Items;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { [AccountSettings.FourEyes] = value };
        var parent = AccountId.New(world.Clock);
        var own = (await items.FindAsync(AccountKeys.Profile(world.Account), AccessJson.Default.Account, SyncWorld.Cancellation))!;
        var changed = above ? own.Value with { Path = [parent, world.Account] } : own.Value with { Settings = settings };
        await items.PutAsync(ItemJson.Item(AccountKeys.Profile(world.Account), changed, AccessJson.Default.Account), Condition.VersionIs(own.Version), SyncWorld.Cancellation);
        if (!above) return;
        var agency = new Account { Id = parent, Name = "Agency", Path = [parent], CreatedAt = world.Clock.GetUtcNow(), Settings = settings };
        await items.PutAsync(ItemJson.Item(AccountKeys.Profile(parent), agency, AccessJson.Default.Account), Condition.Absent, SyncWorld.Cancellation);
    }
}
