using System.Text.Json.Nodes;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>The training of one call of Fit: the settings of the loop, its checkpoints, and its share of the machine.</summary>
/// <param name="options">The options.</param>
/// <param name="task">What there is to learn.</param>
/// <param name="samples">The samples.</param>
/// <param name="device">The network's device.</param>
/// <param name="log">Receives what a user should know.</param>
internal sealed class TrainingRun(
    MsVitOptions options, TrainingTask task, TrainingSamples samples, torch.Device device, TrainingLog log)
{
    /// <summary>When Fit was called, as a timestamp of the system's clock.</summary>
    public required long Called { get; init; }

    /// <summary>Whether the head is new, so that the recipe says how it starts.</summary>
    public required bool StartsHead { get; init; }

    /// <summary>The model that training starts from; null for random weights.</summary>
    public required StartingModel? Start { get; init; }

    /// <summary>Called with every report.</summary>
    public required Action<TrainingProgress> Report { get; init; }

    /// <summary>Throws if the host was canceled.</summary>
    public required Action CheckAlive { get; init; }

    /// <summary>Trains a network.</summary>
    /// <param name="network">The network, on the device. At the end it has the weights of the best epoch.</param>
    public TrainingOutcome Train(MsVitNetwork network)
    {
        using var folder = OpenFolder();
        // A training with a fixed number of threads counts for the others all the same.
        var isFixed = options.Threads > 0 || TorchThreads.IsSetByUser;
        using var cores = CoreShare.Join(isFixed || options.Group.LocalSize > 1 ? static _ => { } : log.Warn);
        // The ranks of a host divide its cores like other trainings, once all of them are there.
        options.Group.Barrier();
        cores.Recount();
        var settings = new TrainingSettings
        {
            Train = samples.Train,
            Validation = samples.Validation,
            Normalization = new(task.Input.Mean, task.Input.Deviation, task.Input.PixelRange),
            Device = device,
            Called = Called,
            Seed = task.Seed,
            Workers = RankShare.Workers(options),
            Threads = () => options.Threads > 0 ? options.Threads : isFixed ? int.MaxValue : cores.Threads,
            ClassWeights = options.Recipe.ClassWeighting == ClassWeighting.Balanced
                ? ClassWeights.Balanced(samples.Train.LabelCounts(task.Labels.Count))
                : options.ClassWeights,
            Checkpoints = folder is null ? null : new(folder, Identity(), options.CheckpointEpochs, options.CheckpointInterval),
            Notice = log.Warn,
            Report = Report,
            ObserveActivity = options.ObserveActivity,
            CheckAlive = CheckAlive,
            Cancellation = options.CancellationToken,
            Group = options.Group,
        }.WithPassNotice(new DistinctNotices(log.Warn).Say);
        if (options.Recipe.BlendWithStart)
        {
            return new StartBlend(network, options.Recipe, settings, part => SetHead(network, part), log.Chosen).Run();
        }
        SetHead(network, settings);
        return new TrainingLoop(network, options.Recipe, settings).Run();
    }

    // Rank 0 computes the head for all.
    private void SetHead(MsVitNetwork network, TrainingSettings settings)
    {
        if (!StartsHead || options.Recipe.HeadStart != HeadStart.Discriminant)
        {
            return;
        }
        log.HeadStart(BitConverter.ToInt32(options.Group.FromFirst(
            () => BitConverter.GetBytes(DiscriminantHead.Set(network, options.Recipe, settings)))));
        using var gradientFree = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var own = network.Head.state_dict();
        foreach (var (name, value) in options.Group.FromFirst(own))
        {
            _ = own[name].copy_(value);
        }
    }

    // Only rank 0 has the folder. What is wrong with it is an error on every rank.
    private CheckpointFolder? OpenFolder()
    {
        var folder = default(CheckpointFolder);
        _ = options.Group.FromFirst(() =>
        {
            folder = options.CheckpointPath is { } path ? new(path) : null;
            return [];
        });
        return folder;
    }

    // A run resumes only from a checkpoint with the same identity.
    private RunIdentity Identity() => new(
        JsonNode.Parse(task.Network.ToJson())!.AsObject(),
        JsonNode.Parse(options.Recipe.ToJson())!.AsObject(),
        task.Seed,
        DataFingerprint.Of(samples.Train, samples.Validation),
        Start?.Fingerprint() ?? "")
    {
        ClassWeights = options.ClassWeights,
    };
}
