using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

[assembly: LoadableClass(
    typeof(MsVitTransformer), null, typeof(SignatureLoadModel), "MsVit spiking vision transformer", ModelArchive.LoaderSignature)]

namespace MsVit.MLNet;

/// <summary>Classifies images or event frames with a trained network: adds PredictedLabel and Score to each row.</summary>
/// <remarks>
/// A transformer is thread-safe. It holds native memory: dispose it when you no longer need it. A prediction engine disposes it too,
/// unless <see cref="PredictionEngineOptions.OwnsTransformer"/> is false. A model that was trained in this process runs on the device
/// that trained it. A model that was loaded runs on the GPU that <c>MLContext.GpuDeviceId</c> named at that time, or on the CPU if it was
/// null, following ML.NET.
/// </remarks>
public sealed class MsVitTransformer : ITransformer, IDisposable
{
    private readonly IHost _host;
    private readonly IScorer _model;

    internal MsVitTransformer(IHostEnvironment environment, IScorer model)
    {
        _host = environment.Register(nameof(MsVitTransformer));
        _model = model;
        if (model is MsVitModel torch)
        {
            torch.Warn = Warn;
            ChooseEngine(torch);
        }
    }

    // ML.NET's loader calls this constructor.
    internal MsVitTransformer(IHostEnvironment environment, ModelLoadContext context)
    {
        _host = environment.Register(nameof(MsVitTransformer));
        var loaded = ModelArchive.Load(context);
        _model = loaded is MsVitModel torch ? OnDevice(torch) : loaded;
    }

    /// <summary>The torch network and its description.</summary>
    /// <exception cref="NotSupportedException">The model is an ONNX model, which only predicts.</exception>
    internal MsVitModel Model => _model as MsVitModel ?? throw ((OnnxModel)_model).OnlyPredicts();

    /// <summary>What computes the scores.</summary>
    internal IScorer Scorer => _model;

    /// <summary>The names of the classes, in the order of the scores; none for a model without a head.</summary>
    public IReadOnlyList<string> Labels => _model.Card.IsHeadless
        ? []
        : [.. Enumerable.Range(0, _model.Card.Labels.Count).Select(_model.Card.Labels.NameOf)];

    /// <summary>The network's configuration.</summary>
    public MsVitConfig Network => _model.Card.Network;

    /// <summary>The number of trained parameters.</summary>
    public long ParameterCount
    {
        get
        {
            _model.ThrowIfDisposed();
            return NetworkPlan.Of(Network).ParameterCount;
        }
    }

    /// <summary>The column that the model reads: images or frames.</summary>
    public string InputColumnName => _model.Card.InputColumnName;

    /// <summary>How the model was trained, in one line: recipe, samples, epochs, accuracy on held-out samples.</summary>
    public string TrainingSummary => _model.Card.Training.ToText();

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringView(inputSchema, null, _model).Schema;
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckScores();
        return new ScoringView(input.Schema, input, _model);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        CheckScores();
        return new ScoringView(inputSchema, null, _model);
    }

    /// <summary>Runs the network over data and measures firing rates, operations, energy, and the accuracy after each time step.</summary>
    /// <param name="data">Rows with the model's input column and, for accuracies, its label as a key.</param>
    /// <param name="settings">Which rows and how many time steps; null for all rows and the time steps of the network.</param>
    /// <exception cref="ArgumentException">The data or a setting does not fit the model; the message says which.</exception>
    public SpikeAnalysis Analyze(IDataView data, SpikeAnalysisSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        CheckScores();
        return SpikeAnalyzer.Run(Model, data, settings ?? new());
    }

    /// <summary>Estimates the energy per sample, in joules, from some rows of the data; a short form of <see cref="Analyze"/>.</summary>
    /// <param name="data">Rows with the model's input column; no label is needed.</param>
    /// <param name="maxSamples">The most rows to look at, spread evenly over the data; 1 or more. The default is 256.</param>
    public EnergyEstimate EstimateEnergy(IDataView data, int maxSamples = 256)
    {
        ArgumentNullException.ThrowIfNull(data);
        _model.ThrowIfDisposed();
        return EnergyEstimate.Of(Model, data, maxSamples);
    }

    /// <summary>Writes the weights as safetensors, which Python can read, with the model's description as metadata.</summary>
    /// <remarks>
    /// The names are those of the reference's CIFAR code. <c>mlContext.Model.LoadMsVitWeights</c> creates the same model from the file.
    /// </remarks>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    public void SaveWeights(string path)
    {
        _model.ThrowIfDisposed();
        var model = Model;
        using var file = new PendingFile(path);
        ModelWeights.Save(model, file.Stream);
        file.Complete();
    }

    /// <summary>
    /// Writes the model without its head, half as large, for other trainings to start from: <c>mlContext.Model.LoadMsVitWeights</c>
    /// loads it for <see cref="MsVitOptions.StartFrom"/>, <c>msvit train --start-from</c> takes the file.
    /// </summary>
    /// <remarks>Safetensors in bfloat16. The names of the classes are not in the file; how the model was trained is.</remarks>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    public void SaveStarter(string path)
    {
        _model.ThrowIfDisposed();
        var model = Model;
        using var file = new PendingFile(path);
        ModelWeights.SaveHeadless(model, file.Stream);
        file.Complete();
    }

    /// <summary>Writes the network as an ONNX model, for any ONNX runtime and for <c>ApplyOnnxModel</c>.</summary>
    /// <remarks>
    /// <para>The model uses operators of opset 17, in float32 or, after the first convolution, in eight bits.</para>
    /// <para>Its input has the name <see cref="InputColumnName"/>. Images are [batch, C, H, W], of the network's size, with pixels as in
    /// training: 0 to 255 in the order red, green, blue. The model normalizes them. Event frames are [batch, T, P, H, W].</para>
    /// <para>Its outputs are Score, the probabilities [batch, classes], and PredictedLabel [batch, 1]: the label's text, or the index of
    /// the class, from 0, if labels are not text. The metadata holds labels, sizes and preprocessing.</para>
    /// </remarks>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    /// <param name="options">Options; null for float32.</param>
    /// <exception cref="NotSupportedException">The network cannot be exported to ONNX; the message says why.</exception>
    /// <exception cref="ArgumentException">The calibration rows do not fit the model, or there are none.</exception>
    public void SaveAsOnnx(string path, OnnxExportOptions? options = null) => WriteOnnx(path, options, frames: null);

    /// <summary>The same, with how recordings become the network's frames, as JSON.</summary>
    internal void WriteOnnx(string path, OnnxExportOptions? options, string? frames)
    {
        CheckScores();
        var network = Model.Network;
        var ranges = options?.EightBitCalibration is { } rows ? Ranges(rows, options.CalibrationRows) : null;
        var export = OnnxContents.Of(_model.Card, frames) with { Ranges = ranges, WithInsight = options?.Insight ?? false };
        using var file = new PendingFile(path);
        OnnxExporter.Write(file.Stream, network, export);
        file.Complete();
    }

    /// <summary>
    /// Prepares labeled rows for the model of <see cref="SaveAsOnnx"/>, to test it in ONNX Runtime: decoded, and fitted to the network's
    /// input.
    /// </summary>
    /// <param name="data">Rows with the model's input column, and the label as a key of the model's classes.</param>
    /// <param name="labelColumnName">The label. The default is "Label".</param>
    /// <param name="batchSize">Rows per batch, 1 to 4,096. The default is 32.</param>
    /// <exception cref="ArgumentException">The rows do not fit the model; the message says why.</exception>
    public IEnumerable<OnnxBatch> OnnxBatches(IDataView data, string labelColumnName = "Label", int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        CheckScores();
        var settings = new SpikeAnalysisSettings { LabelColumnName = labelColumnName, BatchSize = batchSize };
        settings.Validate();
        var rows = new AnalyzedRows(_model, data, settings);
        return rows.HasLabels
            ? rows.Batches().Select(batch => OnnxBatch.Of(batch.Samples.Bytes, batch.Samples.Shape, batch.Labels))
            : throw new ArgumentException($"The data has no column '{labelColumnName}'.", nameof(data));
    }

    /// <summary>Scores rows; a row whose input cannot be read has missing scores and is reported, whatever the model's policy.</summary>
    internal IDataView Transform(IDataView input, SkippedRows skipped)
    {
        CheckScores();
        return new ScoringView(input.Schema, input, _model, skipped);
    }

    // A model to start from has a head without meaning.
    private void CheckScores()
    {
        _model.ThrowIfDisposed();
        if (_model.Card.IsHeadless)
        {
            throw new InvalidOperationException($"{Network.Name} is a model to start from and has no head, so it cannot classify. "
                + "Train with it: set MsVitOptions.StartFrom.");
        }
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _model.ThrowIfDisposed();
        ModelArchive.Save(_model, ctx);
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private IReadOnlyDictionary<string, CurrentRange> Ranges(IDataView data, int maxSamples)
    {
        using var calibration = new OnnxCalibration(Model.Network);
        var calibrationRows = new AnalyzedRows(_model, data, new() { MaxSamples = maxSamples, LabelColumnName = null });
        foreach (var (samples, labels) in calibrationRows.Batches())
        {
            using var input = Model.Input(samples.Bytes, samples.Shape, labels.Length);
            calibration.Observe(input);
        }
        return calibration.Ranges.Count > 0
            ? calibration.Ranges
            : throw new ArgumentException("No calibration row has a readable input.", nameof(data));
    }

    private MsVitModel OnDevice(MsVitModel loaded)
    {
        var internals = (IHostEnvironmentInternal)_host;
        var (device, description) = TorchDevice.OfLoaded(internals.GpuDeviceId, internals.FallbackToCpu);
        var model = loaded.MoveTo(device);
        model.Warn = Warn;
        using (var channel = _host.Start("Loading"))
        {
            channel.Info($"Device: {description}.");
        }
        ChooseEngine(model);
        return model;
    }

    private void ChooseEngine(MsVitModel model)
    {
        try
        {
            model.ChooseEngine(Say);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        void Say(string line)
        {
            using var channel = _host.Start("Scoring");
            channel.Info(line);
        }
    }

    private void Warn(string line)
    {
        using var channel = _host.Start("Scoring");
        channel.Warning(line);
    }
}
