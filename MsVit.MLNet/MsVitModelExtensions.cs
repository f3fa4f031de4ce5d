using MsVit.MLNet;

namespace Microsoft.ML;

/// <summary>Finds the MsVit model within a trained pipeline.</summary>
public static class MsVitModelExtensions
{
    /// <summary>Finds the one MsVit model of a pipeline, for its labels, its ONNX export or its analysis.</summary>
    /// <param name="model">
    /// What <c>Fit</c> or <c>LoadMsVit</c> returned: the MsVit model, or a chain of transformers with it at any depth.
    /// </param>
    /// <returns>The model. It belongs to the pipeline, which disposes it.</returns>
    /// <exception cref="ArgumentException">There is no MsVit model, or more than one; the message lists the steps.</exception>
    /// <example>
    /// <code>
    /// var model = mlContext.Model.LoadMsVit("model.zip", out _);
    /// model.FindMsVit().SaveAsOnnx("model.onnx");
    /// </code>
    /// </example>
    public static MsVitTransformer FindMsVit(this ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return MsVitPipeline.Of(model).Model;
    }

    /// <summary>Applies the steps before the MsVit model, such as <c>MapValueToKey</c> and <c>EventsToFrames</c>.</summary>
    /// <param name="model">The pipeline.</param>
    /// <param name="data">Rows as <c>model.Transform</c> takes them.</param>
    /// <returns>
    /// The rows as the MsVit model receives them, for its <see cref="MsVitTransformer.Analyze"/>,
    /// <see cref="MsVitTransformer.OnnxBatches"/> and <see cref="OnnxExportOptions.EightBitCalibration"/>; the data itself if the
    /// model is the first step.
    /// </returns>
    /// <exception cref="ArgumentException">There is no MsVit model, or more than one; or a step does not fit the data.</exception>
    public static IDataView TransformUpToMsVit(this ITransformer model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return MsVitPipeline.Of(model).Prepare(data);
    }
}
