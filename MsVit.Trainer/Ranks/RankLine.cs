using MsVit.MLNet;

namespace MsVit.Trainer.Ranks;

/// <summary>Says who trains together: the first line of a run on several ranks.</summary>
internal static class RankLine
{
    private const int MostHosts = 4;

    /// <summary>Such as: 8 ranks on 2 hosts (a, b), each on a GPU of its own: 64 of the 512 samples of a step each.</summary>
    /// <param name="ranks">The host of each rank.</param>
    /// <param name="recipe">How they train.</param>
    /// <param name="device">The device of this rank, as <see cref="TorchDevice"/> describes it.</param>
    public static string Of(IReadOnlyList<string> ranks, TrainingRecipe recipe, string device)
    {
        string[] hosts = [.. ranks.Distinct(StringComparer.Ordinal)];
        var names = string.Join(", ", hosts.Take(MostHosts)) + (hosts.Length > MostHosts ? $" and {hosts.Length - MostHosts} more" : "");
        var pass = recipe.MicroBatchSize > 0 ? Math.Min(recipe.MicroBatchSize, recipe.BatchSize) : Each(recipe.BatchSize, ranks.Count);
        var most = Math.Min(recipe.BatchSize, Each(Each(recipe.BatchSize, pass), ranks.Count) * pass);
        var where = device.StartsWith("cpu", StringComparison.OrdinalIgnoreCase) ? "on the CPU" : "each on a GPU of its own";
        var upTo = most * ranks.Count == recipe.BatchSize ? "" : "up to ";
        return $"{ranks.Count} ranks on {Counted.Of(hosts.Length, "host")} ({names}), {where}: "
            + $"{upTo}{most} of the {recipe.BatchSize} samples of a step each.";

        static int Each(int count, int parts) => (count + parts - 1) / parts;
    }
}
