using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Trains MSVIT, a spiking vision transformer with multi-scale attention, to classify images.</summary>
/// <remarks>
/// <para><b>Input and output columns.</b> The label must be a key column; the image column may be an MLImage, encoded bytes
/// (vector of Byte) or a pixel vector of known size (vector of Single). A network that takes frames reads a column of event frames
/// instead, a vector of Byte or Single with the dimensions [T, P, H, W]. The trained transformer adds PredictedLabel (key) and
/// Score (vector of Single, the probability of each class).</para>
/// <para><b>Trainer characteristics.</b></para>
/// <list type="table">
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Is normalization required?</term><description>No; it happens inside and travels with the model</description></item>
/// <item><term>Is caching required?</term><description>No; the data is read once</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>MsVit.MLNet, and TorchSharp-cpu (or -cuda-windows, -cuda-linux) in the application</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes, by <see cref="MsVitTransformer.SaveAsOnnx"/></description></item>
/// </list>
/// <para><b>Training algorithm.</b> Multi-scale spiking attention fusion (MSVIT, IJCAI 2025), trained by back-propagation through
/// time with surrogate gradients; AdamW, linear warm-up, half-cosine schedule, label smoothing, augmentation by crops, flips, RandAugment, erasing and mixing.</para>
/// </remarks>
public sealed class MsVitTrainer : IEstimator<MsVitTransformer>
{
    private readonly IHost _host;
    private readonly MsVitOptions _options;
    private readonly StartingModel? _start;

    internal MsVitTrainer(IHostEnvironment environment, MsVitOptions options)
    {
        _host = environment.Register(nameof(MsVitTrainer));
        _options = options.Copy();
        _start = StartingModel.In(_options.StartFrom);
        _start?.ApplyTo(_options);
        string[] faults = [.. _options.Faults()];
        if (faults.Length > 0)
        {
            throw new ArgumentException("The options of MsVit cannot be used: " + string.Join(" ", faults), nameof(options));
        }
        (_options.Network with { Classes = Math.Max(2, _options.Network.Classes) }).Validate();
    }

    /// <summary>What ML.NET asks of a trainer: no normalization, no caching, a validation set is used.</summary>
    public TrainerInfo Info { get; } = new(normalization: false, caching: false, supportValid: true);

    /// <inheritdoc/>
    public MsVitTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on one set and chooses the best epoch on another.</summary>
    /// <param name="trainData">The rows to learn from.</param>
    /// <param name="validationData">
    /// Rows of the same columns that choose the best epoch; null to hold out <see cref="MsVitOptions.ValidationFraction"/> of
    /// the training rows. Never the rows on which the result is reported, unless <see cref="MsVitOptions.EpochChoice"/> says so.
    /// </param>
    /// <exception cref="UndecodableImageException">An image could not be read, and the policy is to throw.</exception>
    /// <exception cref="NonFiniteLossException">The loss was infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the training began, or by <c>MLContext.CancelExecution</c>.</exception>
    public MsVitTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var channel = _host.Start("Training");
        using var progress = _host.StartProgressChannel("MsVit");
        using var notices = CudaNotices.Listen(line => channel.Warning(line));

        var rows = new TrainingRows(_host, _options, channel);
        var label = rows.LabelColumn(trainData.Schema, nameof(trainData));
        var labels = LabelValues.Of(label);
        var image = rows.InputColumn(trainData.Schema, nameof(trainData));
        var config = _options.Network with { Classes = labels.Count };
        config.Validate();
        var (device, description) = ChooseDevice();
        channel.Info($"Network {config.Name}: {labels.Count} classes, input {config.Channels} x {config.Height} x {config.Width}, {config.TimeSteps} {(_options.TakesFrames ? "frames" : "time steps")}; device: {description}.");
        var recipe = _options.Recipe;
        channel.Info(string.Create(CultureInfo.InvariantCulture,
            $"Recipe {recipe.Name}: batches of {recipe.BatchSize}{(recipe.MicroBatchSize > 0 && recipe.MicroBatchSize < recipe.BatchSize ? $" in passes of {recipe.MicroBatchSize}" : "")}, learning rate {recipe.PeakLearningRate:g4}"
            + $"{(recipe.LearningRateBatch > 0 ? $" ({recipe.LearningRate:g4} for {recipe.LearningRateBatch})" : "")}, {recipe.Precision}."));

        if (!recipe.Precision.IsFast(device))
        {
            channel.Warning($"Recipe.Precision is {recipe.Precision}, which this CPU has no instructions for, or none that torch uses: training will be slower than in Float32.");
        }
        if (_options.ClassWeights is { } weights && ClassWeights.Fault(weights, labels.Count) is { } weightFault)
        {
            throw new ArgumentException($"Options.ClassWeights cannot be used: {weightFault}", nameof(trainData));
        }
        if (_options.EpochChoice == EpochChoice.TestSet)
        {
            _ = validationData ?? throw new ArgumentNullException(nameof(validationData), "Options.EpochChoice is TestSet: give the test set, on which the best epoch is to be chosen, to Fit as validation data.");
            channel.Warning("The best epoch is chosen on the test set, as published: its accuracy there is higher than on new data.");
        }

        var input = Input(config);
        image.CheckFits(input);
        if (!input.IsFrames && ImageAugmentation.Fault(_options.Recipe.Images, input.Shape(image)) is { } fault)
        {
            throw new ArgumentException($"Column '{image.Name}' does not fit the recipe: {fault}", nameof(trainData));
        }
        var training = rows.Read(trainData, label, image, input, "training", rows.TrainingStorage(image));
        using var trainingStore = training.Store;
        var validationSamples = validationData is null ? null : rows.ReadValidation(validationData, label, input);
        using var validation = validationSamples?.Store;
        var seed = (ulong)(uint)(_options.Seed ?? ((IHostEnvironmentInternal)_host).Seed ?? Random.Shared.Next());
        var (train, valid) = Sets(training, validationSamples, seed);
        if (train.Count == 0)
        {
            throw new InvalidOperationException("There is no training sample: every row has a missing label or an unreadable image or recording, or there are no rows.");
        }
        input = WithStatistics(input, train);
        Announce(channel, config, device, trainingStore, validation);
        using var tf32 = TensorFloat32.Allow(_options.AllowTF32, device);

        var network = new MsVitNetwork(config, (long)seed);
        try
        {
            if (_start is not null)
            {
                var keepsHead = _start.CopyTo(network, labels);
                channel.Info($"Training starts from the weights of a trained {config.Name}{(keepsHead ? "" : ", with a new head for the new classes")}; {_options.Recipe.FrozenStages} of its stages stay as they are.");
            }
            _ = network.to(device);
            using var folder = _options.CheckpointPath is { } path ? new CheckpointFolder(path) : null;
            var outcome = new TrainingLoop(network, _options.Recipe, new TrainingSettings
            {
                Train = train,
                Validation = valid,
                Normalization = new(input.Mean, input.Deviation, input.PixelRange),
                Device = device,
                Seed = seed,
                Workers = Workers,
                ClassWeights = _options.Recipe.ClassWeighting == ClassWeighting.Balanced ? ClassWeights.Balanced(train.LabelCounts(labels.Count)) : _options.ClassWeights,
                Checkpoints = folder is null ? null : new(folder, Identity(config, seed, train, valid), _options.CheckpointEpochs, _options.CheckpointInterval),
                Notice = line => channel.Warning(line),
                Report = new TrainingReporter(channel, progress, _options.Progress, _options.LogPath).Report,
                ObserveActivity = _options.ObserveActivity,
                CheckAlive = _host.CheckAlive,
                Cancellation = _options.CancellationToken,
            }).Run();
            channel.Info(Summary(outcome, valid.Count, _options.EpochChoice));
            var card = Card(config, input, labels, outcome, seed, train.Count, valid.Count);
            return new MsVitTransformer(_host, new MsVitModel(network, card, device));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        if (!inputSchema.TryFindColumn(_options.LabelColumnName, out var label))
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "label", _options.LabelColumnName);
        }
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "label", label.Name, "a key (use MapValueToKey)", label.GetTypeString());
        }
        if (!inputSchema.TryFindColumn(_options.InputColumnName, out var image))
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), _options.InputRole, _options.InputColumnName);
        }
        if (!ImageColumn.CouldBe(image))
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), _options.InputRole, image.Name, _options.ExpectedInput, image.GetTypeString());
        }
        return new ScoreColumns(_options.PredictedLabelColumnName, _options.ScoreColumnName).AddTo(inputSchema, label);
    }

    private int Workers => _options.Workers > 0 ? _options.Workers : Math.Max(1, Environment.ProcessorCount - 1);

    private (torch.Device Device, string Description) ChooseDevice()
    {
        var environment = (IHostEnvironmentInternal)_host;
        return TorchDevice.Choose(_options.Device, environment.GpuDeviceId, environment.FallbackToCpu);
    }

    private RunIdentity Identity(MsVitConfig config, ulong seed, SampleSet train, SampleSet valid) => new(
        JsonNode.Parse(config.ToJson())!.AsObject(), JsonNode.Parse(_options.Recipe.ToJson())!.AsObject(), seed, DataFingerprint.Of(train, valid), _start?.Fingerprint() ?? "")
    {
        ClassWeights = _options.ClassWeights,
    };

    private ImageInput Input(MsVitConfig config) => new()
    {
        Height = config.Height,
        Width = config.Width,
        Channels = config.Channels,
        Fit = _options.ImageFit,
        CropShare = _options.CropShare,
        Mean = _options.Mean ?? [],
        Deviation = _options.Deviation ?? [],
        PixelRange = _options.PixelRange,
        MaxPixels = _options.MaxPixels,
        TimeSteps = _options.TakesFrames ? config.TimeSteps : 0,
    };

    private static ImageInput WithStatistics(ImageInput input, SampleSet train)
    {
        // Event frames are taken as they are.
        if (input.Mean.Count > 0 || input.IsFrames)
        {
            return input;
        }
        var statistics = ChannelStatistics.Of(train, input.PixelRange, Environment.ProcessorCount);
        return input with { Mean = statistics.Mean, Deviation = statistics.Deviation };
    }

    private (SampleSet Train, SampleSet Validation) Sets(ImageSamples training, ImageSamples? validation, ulong seed) => validation is null
        ? SampleSet.Split(training.Source, _options.ValidationFraction, seed)
        : (SampleSet.All(training.Source), SampleSet.All(validation.Source));

    private ModelCard Card(MsVitConfig config, ImageInput input, LabelValues labels, TrainingOutcome outcome, ulong seed, int trained, int validated) => new()
    {
        Network = config,
        Input = input,
        Labels = labels,
        ImageColumnName = _options.InputColumnName,
        Columns = new(_options.PredictedLabelColumnName, _options.ScoreColumnName),
        Undecodable = _options.Undecodable,
        Precision = _options.ScoringPrecision,
        Training = new TrainingRecord
        {
            Recipe = _options.Recipe,
            Seed = seed,
            TrainSamples = trained,
            ValidationSamples = validated,
            EpochChoice = _options.EpochChoice,
            EpochsDone = outcome.EpochsDone,
            BestEpoch = outcome.BestEpoch,
            ValidationAccuracy = double.IsFinite(outcome.BestValidation.Accuracy) ? outcome.BestValidation.Accuracy : null,
            LibraryVersion = typeof(MsVitTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        },
    };

    // What it will take, and what to do where that is more than there is.
    private void Announce(IChannel channel, MsVitConfig config, torch.Device device, params ReadOnlySpan<SampleStore?> stores)
    {
        var held = 0L;
        foreach (var store in stores)
        {
            held += store is null ? 0 : store.TotalBytes - store.SpilledBytes;
        }
        var gpu = device.type != DeviceType.CPU;
        var estimate = MemoryEstimate.Of(config, _options.Recipe, held, gpu);
        channel.Info($"Memory: {estimate}.");
        var there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (!gpu && estimate.Total > there && estimate.Fitting(config, _options.Recipe, there) is var (samples, total))
        {
            channel.Warning(samples > 0
                ? $"That is more than the {MemoryEstimate.Size(there)} that there are. With Recipe.MicroBatchSize = {samples} it is about {MemoryEstimate.Size(total)}."
                : $"That is more than the {MemoryEstimate.Size(there)} that there are, even for one sample at a time: choose a smaller network or input, or Recipe.RecomputeActivations.");
        }
    }

    private static string Summary(TrainingOutcome outcome, int validated, EpochChoice choice) =>
        $"Training ended after {outcome.EpochsDone} epochs{(outcome.Cancelled ? " (before its schedule did)" : "")}; "
        + (validated > 0
            ? $"the weights are those of epoch {outcome.BestEpoch}, best on {validated} {(choice == EpochChoice.TestSet ? "samples of the test set, on which it was chosen, as published" : "validation samples")} (accuracy {outcome.BestValidation.Accuracy:0.0000})."
            : "the weights are those of the last epoch, without a validation set.");
}
