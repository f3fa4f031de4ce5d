using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Compares the free space of a disk with what the checkpoints and the model of a run need.</summary>
internal static class DiskSpace
{
    // The last good checkpoint, the one before it, and the one being written; each may name the weights of another best epoch.
    private const int Checkpoints = 3;

    // Moments of AdamW.
    private const int Moments = 2;

    /// <summary>Describes a disk with less than twice the space that is needed; null if there is enough.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">Says whether an average of the weights is kept.</param>
    /// <param name="folder">An existing folder on the disk.</param>
    /// <param name="free">The bytes that are free there.</param>
    /// <exception cref="IOException">One checkpoint and the model do not fit.</exception>
    public static string? Warning(MsVitConfig network, TrainingRecipe recipe, string folder, long free)
    {
        var weights = MemoryEstimate.Of(network, recipe).Parameters;
        var checkpoint = weights * (1 + Moments + (recipe.WeightAverageDecay > 0 ? 1 : 0));
        var (least, most) = (checkpoint + weights + weights, Checkpoints * (checkpoint + weights) + weights);
        if (free < least)
        {
            throw new IOException($"The disk of {folder} has {MemoryEstimate.Size(free)} free; a checkpoint and the model of "
                + $"{network.Name} need {MemoryEstimate.Size(least)}. Free some space, or choose another --output and --checkpoint.");
        }
        return free >= 2 * most ? null : $"The disk of {folder} has {MemoryEstimate.Size(free)} free; the checkpoints and the model of "
            + $"{network.Name} need up to {MemoryEstimate.Size(most)}. If the disk becomes full, training continues without checkpoints.";
    }

    /// <summary>The bytes that this user may still write to the disk of a folder.</summary>
    public static long Free(string folder)
    {
        var full = Path.GetFullPath(folder);
        return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : full).AvailableFreeSpace;
    }
}
