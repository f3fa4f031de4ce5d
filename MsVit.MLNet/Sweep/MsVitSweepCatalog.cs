using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace Microsoft.ML;

/// <summary>Adds hyperparameter sweeps to <c>mlContext.MulticlassClassification</c>.</summary>
public static class MsVitSweepCatalog
{
    /// <summary>
    /// Trains with many combinations of options and finds the best trial or, with several objectives, the Pareto front of accuracy, energy,
    /// latency and size. Call it again with the same store and name to resume an interrupted sweep. Several processes that use the same
    /// store and name share the work, across machines with PostgreSQL.
    /// </summary>
    /// <param name="catalog"><c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="data">Labels, and images, frames or recordings. Labels need not be keys.</param>
    /// <param name="space">What to vary.</param>
    /// <param name="settings">How the sweep runs; null for 20 TPE trials, kept in memory.</param>
    /// <exception cref="ArgumentException">
    /// A parameter is not an option, a setting is out of range, or no trial could train on the data. The message says which.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The store has a sweep of this name with a different space, different settings or other data.
    /// </exception>
    /// <exception cref="IOException">The store failed, or the folder cannot be written. Run the sweep again to resume it.</exception>
    public static SweepResult SweepMsVit(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        global::MsVit.MLNet.Sweep.SearchSpace space,
        SweepSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(space);
        settings ??= new();
        Check(space, settings);
        var environment = (IHostEnvironmentInternal)CatalogUtils.GetEnvironment(catalog);
        using var channel = ((IHostEnvironment)environment).Start("Sweep");
        var mlContext = new MLContext(settings.Seed) { GpuDeviceId = environment.GpuDeviceId, FallbackToCpu = environment.FallbackToCpu };
        mlContext.Log += (_, line) =>
        {
            if (line.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error)
            {
                channel.Warning(line.RawMessage);
            }
        };
        using var store = TrialStores.Open(settings.Store);
        var own = settings.Folder ?? TrialStores.FolderOf(settings.Store);
        var folder = own ?? Directory.CreateTempSubdirectory("msvit-sweep-").FullName;
        try
        {
            var files = new TrialFolder(folder, settings.Name, line => channel.Warning(line));
            var (sweep, isComplete) = new SweepRun(mlContext, data, space, settings, store, files).Run();
            return new(mlContext, sweep, store.Trials(sweep.Id), settings, isComplete, temporary: own is null ? folder : null, Warn);
        }
        catch when (own is null)
        {
            Leftover.DeleteFolder(folder, Warn);
            throw;
        }

        // Also after the sweep, whose channel is closed then.
        void Warn(string line)
        {
            using var later = ((IHostEnvironment)environment).Start("Sweep");
            later.Warning(line);
        }
    }

    private static void Check(global::MsVit.MLNet.Sweep.SearchSpace space, SweepSettings settings)
    {
        List<string> problems = [.. settings.Problems()];
        if (space.Parameters.Count == 0)
        {
            problems.Add("The search space is empty.");
        }
        if (settings.Folder is null && TrialStores.IsShared(settings.Store))
        {
            problems.Add("Folder is null and the store is PostgreSQL: "
                + "set a folder that all workers can access, for checkpoints and models.");
        }
        if (problems.Count > 0)
        {
            throw new ArgumentException("The sweep cannot run: " + string.Join(" ", problems), nameof(settings));
        }
        foreach (var parameter in space.Parameters)
        {
            var key = OptionKey.Find(parameter.Name);
            foreach (var choice in parameter.Choices.Where(_ => !key.IsPart))
            {
                _ = OptionText.Read(OptionChange.Resolve(key, choice).Key, choice);
            }
        }
    }
}
