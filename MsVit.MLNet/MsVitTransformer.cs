using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

[assembly: LoadableClass(typeof(MsVitTransformer), null, typeof(SignatureLoadModel), "MsVit spiking vision transformer", ModelArchive.LoaderSignature)]

namespace MsVit.MLNet;

/// <summary>Classifies images with a trained network: adds PredictedLabel and Score to each row.</summary>
/// <remarks>
/// Any number of threads may use one transformer at the same time. It holds native memory: dispose it when it is no longer
/// used. Trained in this process, it computes where it was trained; loaded, on the GPU that <c>MLContext.GpuDeviceId</c> named before it was
/// loaded, or on the CPU where that is null. A prediction engine disposes it too, unless <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
/// </remarks>
public sealed class MsVitTransformer : ITransformer, IDisposable
{
    private readonly IHost _host;
    private readonly MsVitModel _model;

    internal MsVitTransformer(IHostEnvironment environment, MsVitModel model)
    {
        _host = environment.Register(nameof(MsVitTransformer));
        _model = model;
        _model.Warn = Warn;
    }

    // ML.NET's loader calls this constructor.
    internal MsVitTransformer(IHostEnvironment environment, ModelLoadContext context)
    {
        _host = environment.Register(nameof(MsVitTransformer));
        var internals = (IHostEnvironmentInternal)_host;
        var (device, description) = TorchDevice.OfLoaded(internals.GpuDeviceId, internals.FallbackToCpu);
        _model = ModelArchive.Load(context).MoveTo(device);
        _model.Warn = Warn;
        using var channel = _host.Start("Loading");
        channel.Info($"Device: {description}.");
    }

    /// <summary>What it scores with.</summary>
    internal MsVitModel Model => _model;

    /// <summary>What the classes are called, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => [.. Enumerable.Range(0, _model.Card.Labels.Count).Select(_model.Card.Labels.NameOf)];

    /// <summary>The network's sizes.</summary>
    public MsVitConfig Network => _model.Card.Network;

    /// <summary>How many numbers the network learned.</summary>
    public long ParameterCount => _model.Network.parameters().Sum(parameter => parameter.numel());

    /// <summary>The column that it reads.</summary>
    public string ImageColumnName => _model.Card.ImageColumnName;

    /// <summary>What was trained, in a few lines: the recipe, the samples, the accuracy on held-out ones.</summary>
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
        return new ScoringView(input.Schema, input, _model);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoringView(inputSchema, null, _model);
    }

    /// <summary>Runs the network over data and counts: firing rates, operations, energy, accuracy at each number of time steps.</summary>
    /// <param name="data">With the model's input column and, for accuracies, its label as a key.</param>
    /// <param name="settings">Which rows, how many time steps; null for all rows and the time steps of the network.</param>
    /// <exception cref="ArgumentException">The data do not fit the model, or a setting does not; the message says which.</exception>
    public SpikeAnalysis Analyze(IDataView data, SpikeAnalysisSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return SpikeAnalyzer.Run(_model, data, settings ?? new());
    }

    /// <summary>What an image costs, in joules, over some rows of the data; the short form of <see cref="Analyze"/>.</summary>
    /// <param name="data">With the model's input column; no label is needed.</param>
    /// <param name="maxSamples">Rows to look at, at most, spread evenly; 1 or more. The default is 256.</param>
    public EnergyEstimate EstimateEnergy(IDataView data, int maxSamples = 256)
    {
        ArgumentNullException.ThrowIfNull(data);
        return EnergyEstimate.Of(_model, data, maxSamples);
    }

    /// <summary>Writes the weights as safetensors, which Python's library reads, with what the model says of itself as their metadata.</summary>
    /// <remarks>The names are those of the reference's code for CIFAR. <c>mlContext.Model.LoadMsVitWeights</c> makes the same model of the file.</remarks>
    /// <param name="path">The file; one that is there is replaced when the new one is complete.</param>
    public void SaveWeights(string path)
    {
        using var file = new PendingFile(path);
        ModelWeights.Save(_model, file.Stream);
        file.Complete();
    }

    /// <summary>Writes the evaluation network as an ONNX model, for any runtime and for <c>ApplyOnnxModel</c>.</summary>
    /// <remarks>
    /// Operators of opset 17; float32, or eight bits behind the first convolution. The input, named as <see cref="ImageColumnName"/>, is [batch, C, H, W]: pixels as the model was trained on them,
    /// 0 to 255 in the order red, green, blue for images, of the network's size; their normalization is part of the model. Of event frames it is
    /// [batch, T, P, H, W]. Outputs are Score, the probabilities [batch, classes], and PredictedLabel [batch, 1], the label's text, or the
    /// index of the class from 0 where labels are no texts. Labels, sizes and preprocessing are in the model's metadata.
    /// </remarks>
    /// <param name="path">The file; one that is there is replaced when the new one is complete.</param>
    /// <param name="options">How; null for float32.</param>
    /// <exception cref="NotSupportedException">The network cannot be an ONNX model; the message says why.</exception>
    /// <exception cref="ArgumentException">The rows do not fit the model, or there are none.</exception>
    public void SaveAsOnnx(string path, OnnxExportOptions? options = null)
    {
        var export = OnnxContents.Of(_model.Card) with { Ranges = options?.EightBitCalibration is { } rows ? Ranges(rows, options.CalibrationRows) : null };
        using var file = new PendingFile(path);
        OnnxExporter.Write(file.Stream, _model.Network, export);
        file.Complete();
    }

    /// <summary>Labeled rows as the model of <see cref="SaveAsOnnx"/> takes them: decoded, fitted to the network's size, in its order; to try one in ONNX Runtime.</summary>
    /// <param name="data">With the model's input column, and the label as a key of the model's classes.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <param name="batchSize">Rows of a batch, 1-4096.</param>
    /// <exception cref="ArgumentException">The rows do not fit the model; the message says why.</exception>
    public IEnumerable<OnnxBatch> OnnxBatches(IDataView data, string labelColumnName = "Label", int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        var settings = new SpikeAnalysisSettings { LabelColumnName = labelColumnName, BatchSize = batchSize };
        settings.Validate();
        var rows = new AnalyzedRows(_model, data, settings);
        return rows.HasLabels ? rows.Batches().Select(batch => OnnxBatch.Of(batch.Samples.Bytes, batch.Samples.Shape, batch.Labels))
            : throw new ArgumentException($"The rows have no column '{labelColumnName}'.", nameof(data));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelArchive.Save(_model, ctx);

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private IReadOnlyDictionary<string, CurrentRange> Ranges(IDataView data, int most)
    {
        using var calibration = new OnnxCalibration(_model.Network);
        foreach (var (samples, labels) in new AnalyzedRows(_model, data, new() { MaxSamples = most, LabelColumnName = null }).Batches())
        {
            using var input = _model.Input(samples.Bytes, samples.Shape, labels.Length);
            calibration.Observe(input);
        }
        return calibration.Ranges.Count > 0 ? calibration.Ranges : throw new ArgumentException("The rows for calibration have none with an image.", nameof(data));
    }

    private void Warn(string line)
    {
        using var channel = _host.Start("Scoring");
        channel.Warning(line);
    }
}
