using System.Diagnostics;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
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
/// <item><term>Is normalization required?</term><description>No; the trainer normalizes and saves that with the model</description></item>
/// <item><term>Is caching required?</term><description>No; the data is read once</description></item>
/// <item>
/// <term>Required NuGet in addition to Microsoft.ML</term>
/// <description>MsVit.MLNet, and TorchSharp-cpu (or -cuda-windows, -cuda-linux) in the application</description>
/// </item>
/// <item><term>Exportable to ONNX</term><description>Yes, by <see cref="MsVitTransformer.SaveAsOnnx"/></description></item>
/// </list>
/// <para><b>Training algorithm.</b> Multi-scale spiking attention fusion (MSVIT, IJCAI 2025), trained by backpropagation through time
/// with surrogate gradients; AdamW, linear warm-up, half-cosine schedule, label smoothing; augmentation by crops, flips, RandAugment,
/// erasing and mixing.</para>
/// </remarks>
public sealed class MsVitTrainer : IEstimator<MsVitTransformer>
{
    private static readonly string LibraryVersion =
        typeof(MsVitTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private readonly IHost _host;
    private readonly MsVitOptions _options;
    private readonly StartingModel? _start;

    internal MsVitTrainer(IHostEnvironment environment, MsVitOptions options)
        : this(environment.Register(nameof(MsVitTrainer)), options.Copy())
    {
    }

    private MsVitTrainer(IHost host, MsVitOptions options)
    {
        _host = host;
        _options = options;
        _start = _options.StartFrom is { } pipeline ? new(MsVitPipeline.Of(pipeline, nameof(options.StartFrom)).Model.Model) : null;
        string[] contradictions = [.. _start?.Faults(_options) ?? []];
        _start?.ApplyTo(_options);
        string[] faults = [.. contradictions, .. _options.ValidationErrors()];
        if (faults.Length > 0)
        {
            throw new ArgumentException("The options of MsVit are not valid: " + string.Join(" ", faults), nameof(options));
        }
        (_options.Network with { Classes = Math.Max(2, _options.Network.Classes) }).Validate();
        if (_options.TeacherColumnName is not null)
        {
            // From here on, the recipe says that there is a teacher: in checkpoints and in the model's card.
            _options.AddTeacher();
        }
    }

    /// <summary>What ML.NET asks of a trainer: no normalization, no caching, a validation set is used.</summary>
    public TrainerInfo Info { get; } = new(normalization: false, caching: false, supportValid: true);

    /// <inheritdoc/>
    public MsVitTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on one set and chooses the best epoch on another.</summary>
    /// <param name="trainData">The rows to learn from.</param>
    /// <param name="validationData">
    /// Rows of the same columns that choose the best epoch; null to hold out <see cref="MsVitOptions.ValidationFraction"/> of
    /// the training rows. Never use the rows on which the result is reported, unless <see cref="MsVitOptions.EpochChoice"/> says so.
    /// </param>
    /// <exception cref="UndecodableImageException">An image could not be read, and the policy is to throw.</exception>
    /// <exception cref="NonFiniteLossException">The loss was infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">Canceled before the training began, or by <c>MLContext.CancelExecution</c>.</exception>
    public MsVitTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        if (DefaultStart.For(_options, _start, trainData) is { } choice)
        {
            return Fit(choice, trainData, validationData);
        }
        var called = Stopwatch.GetTimestamp();
        using var channel = _host.Start("Training");
        using var progress = _host.StartProgressChannel("MsVit");
        var log = new TrainingLog(_options.Group.IsFirst ? channel : null);
        var rows = new TrainingRows(_host, _options, log);

        var task = DefineTask(rows, trainData);
        var device = ChooseDevice(task, log);
        RankShare.RequireSame(_options, task, device);
        CheckOptions(task, device, validationData, log);
        CheckInput(task);
        using var samples = rows.Read(trainData, validationData, task);
        if (HeldOut.Warning(samples, task.Labels, _options.ValidationFraction, isGiven: validationData is not null) is { } few)
        {
            log.Warn(few);
        }
        task = task with { Input = WithStatistics(task.Input, samples.Train) };
        log.Unlabeled(samples.Train, _options.Recipe.Teacher);
        log.Memory(task.Network, RankShare.Recipe(_options), samples.BytesInMemory, device, _options.Group.LocalSize);
        using var tf32 = TensorFloat32.Allow(_options.AllowTF32, device);

        var network = new MsVitNetwork(task.Network, (long)task.Seed);
        try
        {
            var keepsHead = Initialize(network, task, device, log);
            var reporter = new TrainingReporter(log, progress, _options, hasTeacher: samples.Train.Teacher is not null);
            log.Preparation(Stopwatch.GetElapsedTime(called), _options.Recipe.TimeBudget);
            var run = new TrainingRun(_options, task, samples, device, log)
            {
                Called = called,
                StartsHead = !keepsHead,
                Start = _start,
                Report = reporter.Report,
                CheckAlive = _host.CheckAlive,
            };
            var outcome = run.Train(network);
            log.End(outcome, samples.Validation.Count, _options.EpochChoice);
            return new MsVitTransformer(_host, new MsVitModel(network, Card(task, samples, outcome), device));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    // The options name neither a network nor a recipe.
    private MsVitTransformer Fit(DefaultStart choice, IDataView trainData, IDataView? validationData)
    {
        using var starter = choice.Starter is { } card ? MsVitStarter.Load(card.Name) : null;
        var options = _options.Copy();
        options.StartFrom = starter ?? options.StartFrom;
        choice.ApplyTo(options);
        var trainer = new MsVitTrainer(_host, options);
        using (var channel = _host.Start("Training"))
        {
            var line = choice.Line(trainer._options, "the given model", DefaultStart.FromScratch);
            new TrainingLog(_options.Group.IsFirst ? channel : null).Chosen(line);
        }
        return trainer.Fit(trainData, validationData);
    }

    private TrainingTask DefineTask(TrainingRows rows, IDataView trainData)
    {
        var label = rows.LabelColumn(trainData.Schema, nameof(trainData));
        var labels = LabelValues.Of(label);
        var column = rows.InputColumn(trainData.Schema, nameof(trainData));
        rows.CheckWeightColumn(trainData.Schema, nameof(trainData));
        rows.CheckTeacherColumn(trainData.Schema, labels.Count, nameof(trainData));
        var network = _options.Network with { Classes = labels.Count };
        network.Validate();
        return new()
        {
            Label = label,
            Labels = labels,
            Column = column,
            Network = network,
            Input = Input(network),
            Seed = (uint)_options.Group.FromFirst(_options.Seed ?? ((IHostEnvironmentInternal)_host).Seed ?? Random.Shared.Next()),
        };
    }

    private InputConfig Input(MsVitConfig network) => new()
    {
        Height = network.Height,
        Width = network.Width,
        Channels = network.Channels,
        Fit = _options.ImageFit,
        CropShare = _options.CropShare,
        Mean = _options.Mean ?? [],
        Deviation = _options.Deviation ?? [],
        PixelRange = _options.PixelRange,
        MaxPixels = _options.MaxPixels,
        TimeSteps = _options.TakesFrames ? network.TimeSteps : 0,
    };

    private torch.Device ChooseDevice(TrainingTask task, TrainingLog log)
    {
        var environment = (IHostEnvironmentInternal)_host;
        var (device, description) = TorchDevice.Choose(
            _options.Device, environment.GpuDeviceId, environment.FallbackToCpu, _options.Group.LocalRank, _options.Group.LocalSize);
        log.Begin(task, _options.Recipe, description, _options.Group);
        return device;
    }

    private void CheckOptions(TrainingTask task, torch.Device device, IDataView? validationData, TrainingLog log)
    {
        if (!_options.Recipe.Precision.IsFast(device))
        {
            log.Warn($"Recipe.Precision is {_options.Recipe.Precision}, for which this CPU has no instructions, or none that torch uses: "
                + "training will be slower than in Float32.");
        }
        EngineChoice.Check(_options.ScoringEngine);
        if (_options.ClassWeights is { } weights && ClassWeights.Fault(weights, task.Labels.Count) is { } fault)
        {
            throw new ArgumentException($"Options.ClassWeights is not valid: {fault}");
        }
        if (_options.EpochChoice == EpochChoice.TestSet)
        {
            _ = validationData ?? throw new ArgumentNullException(
                nameof(validationData),
                "Options.EpochChoice is TestSet: give the test set, which is to choose the epoch, to Fit as validation data.");
            log.Warn("The test set chooses the best epoch (the published protocol): the accuracy there is higher than on new data.");
        }
    }

    private void CheckInput(TrainingTask task)
    {
        task.Column.CheckFits(task.Input);
        if (!task.Input.IsFrames && ImageAugmentation.Fault(_options.Recipe.Images, task.Input.Shape(task.Column)) is { } fault)
        {
            throw new ArgumentException($"Column '{task.Column.Name}' does not fit the recipe: {fault}");
        }
    }

    // The means and deviations of the training images, unless the options give them. Frames are not normalized.
    private static InputConfig WithStatistics(InputConfig input, SampleSet train)
    {
        if (train.Count == 0)
        {
            throw new InvalidOperationException(
                "There is no training sample: there are no rows, or every row has a missing label or an unreadable image or recording.");
        }
        if (train.Weights is { } weights && train.Indices.All(index => weights[index] == 0))
        {
            throw new InvalidOperationException(
                "Every training sample has the example weight 0, so there is nothing to learn from. Give at least one of them a weight "
                + "above 0.");
        }
        if (input.Mean.Count > 0 || input.IsFrames)
        {
            return input;
        }
        var statistics = ChannelStatistics.Of(train, input.PixelRange, Environment.ProcessorCount);
        return input with { Mean = statistics.Mean, Deviation = statistics.Deviation };
    }

    private bool Initialize(MsVitNetwork network, TrainingTask task, torch.Device device, TrainingLog log)
    {
        var keepsHead = false;
        if (_start is not null)
        {
            keepsHead = _start.CopyTo(network, task.Labels);
            log.StartingModel(task.Network.Name, keepsHead, _options.Recipe.FrozenStages);
        }
        _ = network.to(device);
        return keepsHead;
    }

    private ModelCard Card(TrainingTask task, TrainingSamples samples, TrainingOutcome outcome) => new()
    {
        Network = task.Network,
        Input = task.Input,
        Labels = task.Labels,
        InputColumnName = _options.InputColumnName,
        Columns = new(_options.PredictedLabelColumnName, _options.ScoreColumnName),
        Undecodable = _options.Undecodable,
        Precision = _options.ScoringPrecision,
        Engine = _options.ScoringEngine,
        Training = new TrainingRecord
        {
            Recipe = _options.Recipe,
            Seed = task.Seed,
            TrainSamples = samples.Train.Count,
            UnlabeledSamples = samples.Train.UnlabeledCount,
            ValidationSamples = samples.Validation.Count,
            EpochChoice = _options.EpochChoice,
            EpochsDone = outcome.EpochsDone,
            BestEpoch = outcome.BestEpoch,
            StartShare = outcome.StartShare,
            ValidationAccuracy = double.IsFinite(outcome.BestValidation.Accuracy) ? outcome.BestValidation.Accuracy : null,
            LibraryVersion = LibraryVersion,
        },
    };

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
        if (!inputSchema.TryFindColumn(_options.InputColumnName, out var input))
        {
            throw OtherKind.Note(inputSchema.Select(column => column.Name), _options.TakesFrames) is { Length: > 0 } kind
                ? new ArgumentException($"{kind}There is no column '{_options.InputColumnName}'.", nameof(inputSchema))
                : _host.ExceptSchemaMismatch(nameof(inputSchema), _options.InputRole, _options.InputColumnName);
        }
        if (!InputColumn.CouldBe(input))
        {
            throw _host.ExceptSchemaMismatch(
                nameof(inputSchema), _options.InputRole, input.Name, _options.ExpectedInput, input.GetTypeString());
        }
        CheckWeightColumn(inputSchema);
        CheckTeacherColumn(inputSchema);
        return new ScoreColumns(_options.PredictedLabelColumnName, _options.ScoreColumnName).AddTo(inputSchema, label);
    }

    private void CheckWeightColumn(SchemaShape inputSchema)
    {
        if (_options.ExampleWeightColumnName is not { } name)
        {
            return;
        }
        if (!inputSchema.TryFindColumn(name, out var weight))
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "example weight", name);
        }
        if (weight.Kind != SchemaShape.Column.VectorKind.Scalar || weight.ItemType != NumberDataViewType.Single)
        {
            throw _host.ExceptSchemaMismatch(
                nameof(inputSchema), "example weight", name, NumberDataViewType.Single.ToString(), weight.GetTypeString());
        }
    }

    private void CheckTeacherColumn(SchemaShape inputSchema)
    {
        if (_options.TeacherColumnName is not { } name)
        {
            return;
        }
        if (!inputSchema.TryFindColumn(name, out var teacher))
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "teacher", name);
        }
        if (teacher.Kind != SchemaShape.Column.VectorKind.Vector || teacher.ItemType != NumberDataViewType.Single)
        {
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "teacher", name, TeacherColumn.Expected, teacher.GetTypeString());
        }
    }
}
