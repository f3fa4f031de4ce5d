using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Scoring;

[assembly: LoadableClass(typeof(MsVitTransformer), null, typeof(SignatureLoadModel), "MsVit spiking vision transformer", ModelArchive.LoaderSignature)]

namespace MsVit.MLNet;

/// <summary>Classifies pictures with a trained network: adds PredictedLabel and Score to each row.</summary>
/// <remarks>
/// Any number of threads may use one transformer at the same time. It holds native memory: dispose it when it is no longer
/// used. A prediction engine disposes it too, unless <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
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
        _model = ModelArchive.Load(context);
        _model.Warn = Warn;
    }

    /// <summary>What it scores with.</summary>
    internal MsVitModel Model => _model;

    /// <summary>What the classes are called, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => [.. Enumerable.Range(0, _model.Card.Labels.Count).Select(_model.Card.Labels.NameOf)];

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

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelArchive.Save(_model, ctx);

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private void Warn(string line)
    {
        using var channel = _host.Start("Scoring");
        channel.Warning(line);
    }
}
