using System.Diagnostics;
using System.Text.Json;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Saves a run and resumes it. Does nothing without a folder.</summary>
/// <remarks>
/// A checkpoint that cannot be written does not stop the run: there is a notice, and the checkpoint before it stays the last one. Only rank
/// 0 reads and writes; the other ranks get from it what they resume with.
/// </remarks>
/// <param name="settings">Where and how often to save; null for never, and on all ranks but rank 0.</param>
/// <param name="learner">The network that learns.</param>
/// <param name="step">Has its optimizer.</param>
/// <param name="best">The weights of the best epoch.</param>
/// <param name="notice">Receives what a user should know.</param>
/// <param name="ranks">The ranks of the run.</param>
internal sealed class RunCheckpoints(
    CheckpointSettings? settings, nn.Module learner, TrainingStep step, WeightSnapshot best, Action<string> notice, RankGroup ranks)
{
    private const string WeightPrefix = "network/";
    private const string BestPrefix = "best/";

    // Each checkpoint tries again to delete what is left of earlier ones.
    private readonly DistinctNotices _leftovers = new(notice);
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private TensorFile? _best;
    private int _bestEpoch;
    private int _lastEpoch;
    private long _lastSteps;

    /// <summary>A sentence about the last checkpoint.</summary>
    public string Last => settings is null ? "Checkpoints are off." : _lastSteps == 0
        ? $"There is no checkpoint in {settings.Folder.FullPath} yet."
        : $"The last good checkpoint is that of step {_lastSteps} in {settings.Folder.FullPath}.";

    /// <summary>Restores network, optimizer and best weights from the last checkpoint, on all ranks.</summary>
    /// <returns>The state of the run; of a new run if there is no checkpoint.</returns>
    public RunState Resume()
    {
        if (ranks.Size == 1)
        {
            return Load();
        }
        var state = JsonSerializer.Deserialize<RunState>(
            ranks.FromFirst(() => JsonSerializer.SerializeToUtf8Bytes(Load(), CheckpointDocument.Json)), CheckpointDocument.Json)!;
        using var scope = NewDisposeScope();
        var told = ranks.FromFirst(new Dictionary<string, Tensor>(
            [.. Weights(), .. step.State(), .. best.Weights.Select(pair => KeyValuePair.Create(BestPrefix + pair.Key, pair.Value))]));
        if (!ranks.IsFirst)
        {
            StoredTensors.Restore(Weights(), told, WeightPrefix);
            step.Load(told);
            best.Load(told.Where(pair => pair.Key.StartsWith(BestPrefix, StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key[BestPrefix.Length..], pair => pair.Value));
            (step.MicroBatchSize, step.LossScale) = (state.MicroBatchSize, state.LossScale);
        }
        return state;
    }

    private RunState Load()
    {
        if (settings?.Folder.Load(settings.Run, notice) is not { } checkpoint)
        {
            return new() { MicroBatchSize = step.MicroBatchSize };
        }
        using (checkpoint)
        {
            StoredTensors.Restore(Weights(), checkpoint.Tensors.Tensors, WeightPrefix);
            step.Load(checkpoint.Tensors.Tensors);
            step.MicroBatchSize = checkpoint.State.MicroBatchSize;
            step.LossScale = checkpoint.State.LossScale;
            if (checkpoint.Best is not null)
            {
                best.Load(checkpoint.Best.Tensors);
            }
            (_best, _bestEpoch) = (checkpoint.BestFile, checkpoint.State.Outcome.BestEpoch);
            (_lastEpoch, _lastSteps) = (checkpoint.State.Epoch, checkpoint.State.StepsDone);
            notice($"Training resumes from the checkpoint of step {_lastSteps} (epoch {_lastEpoch}, step {checkpoint.State.Step}) in "
                + $"{settings.Folder.FullPath}.");
            return checkpoint.State;
        }
    }

    /// <summary>Saves within an epoch if the interval since the last checkpoint is over.</summary>
    public void AfterStep(RunState state)
    {
        if (settings?.Interval is { } interval && _sinceLast.Elapsed >= interval)
        {
            Save(state);
        }
    }

    /// <summary>Saves after an epoch if a checkpoint is due.</summary>
    public void AfterEpoch(RunState state)
    {
        if (settings is not null
            && (state.IsFinished || state.Epoch - _lastEpoch >= settings.Epochs || _sinceLast.Elapsed >= settings.Interval))
        {
            Save(state);
        }
    }

    /// <summary>Saves now, unless this state is saved already.</summary>
    public void Save(RunState state)
    {
        if (settings is null || (state.StepsDone == _lastSteps && !state.IsFinished))
        {
            return;
        }
        try
        {
            if (state.Outcome.BestEpoch > 0 && state.Outcome.BestEpoch != _bestEpoch)
            {
                (_best, _bestEpoch) = (settings.Folder.SaveBest(state.Outcome.BestEpoch, best.Weights), state.Outcome.BestEpoch);
            }
            var tensors = new Dictionary<string, Tensor>([.. Weights(), .. step.State()]);
            settings.Folder.Save(settings.Run, state, tensors, _best, _leftovers.Say);
            (_lastEpoch, _lastSteps) = (state.Epoch, state.StepsDone);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notice($"The checkpoint of step {state.StepsDone} could not be written: {e.Message.TrimEnd('.')}. Training continues. {Last}");
        }
        _sinceLast.Restart();
    }

    private Dictionary<string, Tensor> Weights() => learner.state_dict().ToDictionary(pair => WeightPrefix + pair.Key, pair => pair.Value);
}

/// <summary>Where and how often a run is saved.</summary>
/// <param name="Folder">The folder; the caller disposes it.</param>
/// <param name="Run">Identifies the run.</param>
/// <param name="Epochs">Epochs from one checkpoint to the next, 1 or more.</param>
/// <param name="Interval">The longest time from one checkpoint to the next, which may fall within an epoch; null for no limit.</param>
internal sealed record CheckpointSettings(CheckpointFolder Folder, RunIdentity Run, int Epochs, TimeSpan? Interval);
