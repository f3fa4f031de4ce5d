using System.Diagnostics;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Saves one run and takes it up again; does nothing where no folder is given.</summary>
/// <remarks>A checkpoint that cannot be written is no reason to stop: it is said, and the one before it stays the last.</remarks>
/// <param name="settings">Where and how often; null for never.</param>
/// <param name="learner">The network that learns.</param>
/// <param name="step">Its optimizer.</param>
/// <param name="best">The weights of the best epoch.</param>
/// <param name="notice">Told what a user should know.</param>
internal sealed class RunCheckpoints(CheckpointSettings? settings, nn.Module learner, TrainingStep step, WeightSnapshot best, Action<string> notice)
{
    private const string WeightPrefix = "network/";

    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private TensorFile? _best;
    private int _bestEpoch;
    private int _lastEpoch;
    private long _lastSteps;

    /// <summary>The last checkpoint, in words.</summary>
    public string Last => settings is null ? "No checkpoints were asked for." : _lastSteps == 0
        ? $"There is no checkpoint in {settings.Folder.FullPath} yet."
        : $"The last good checkpoint is that of step {_lastSteps} in {settings.Folder.FullPath}.";

    /// <summary>Puts network, optimizer and best weights where the last checkpoint left them.</summary>
    /// <returns>Where the run stands: at its beginning where there is no checkpoint.</returns>
    public RunState Resume()
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
            notice($"Training goes on from the checkpoint of step {_lastSteps} (epoch {checkpoint.State.Epoch}, step {checkpoint.State.Step}) in {settings.Folder.FullPath}.");
            return checkpoint.State;
        }
    }

    /// <summary>Saves in the middle of an epoch if the last checkpoint is old.</summary>
    public void AfterStep(RunState state)
    {
        if (settings?.Interval is { } interval && _sinceLast.Elapsed >= interval)
        {
            Save(state);
        }
    }

    /// <summary>Saves after an epoch if it is time.</summary>
    public void AfterEpoch(RunState state)
    {
        if (settings is not null && (state.IsFinished || state.Epoch - _lastEpoch >= settings.Epochs || _sinceLast.Elapsed >= settings.Interval))
        {
            Save(state);
        }
    }

    /// <summary>Saves now, unless this very state is saved.</summary>
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
            settings.Folder.Save(settings.Run, state, new Dictionary<string, Tensor>([.. Weights(), .. step.State()]), _best);
            (_lastEpoch, _lastSteps) = (state.Epoch, state.StepsDone);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notice($"The checkpoint of step {state.StepsDone} could not be written: {e.Message} Training goes on. {Last}");
        }
        _sinceLast.Restart();
    }

    private Dictionary<string, Tensor> Weights() => learner.state_dict().ToDictionary(pair => WeightPrefix + pair.Key, pair => pair.Value);
}

/// <summary>Where and how often a run is saved.</summary>
/// <param name="Folder">Where; the caller's.</param>
/// <param name="Run">What the run is.</param>
/// <param name="Epochs">Whole epochs from one checkpoint to the next, 1 or more.</param>
/// <param name="Interval">The longest time from one to the next, in the middle of an epoch if need be; null for no such limit.</param>
internal sealed record CheckpointSettings(CheckpointFolder Folder, RunIdentity Run, int Epochs, TimeSpan? Interval);
