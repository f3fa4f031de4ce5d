using Microsoft.ML.Data;
using MsVit.MLNet;

namespace Microsoft.ML;

/// <summary>Adds the MsVit trainer to <see cref="MLContext"/>.</summary>
public static class MsVitCatalog
{
    /// <summary>Creates a trainer of spiking vision transformers from the most common options.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label, a key column. The default is "Label".</param>
    /// <param name="imageColumnName">
    /// The images: MLImage, encoded bytes or a pixel vector. The default is "Image". A network that takes event frames reads the column
    /// "Frames" instead; to change that, use <see cref="MsVitOptions.FramesColumnName"/>.
    /// </param>
    /// <param name="network">
    /// The network, which then trains from random weights. Null (the default), with <paramref name="recipe"/> null too, starts from the
    /// trained model of <see cref="MsVitStarter"/> that fits the images; see <see cref="MsVitOptions.FromScratch"/>.
    /// </param>
    /// <param name="recipe">
    /// How to train; null (the default) for one that fits the number of images, or with a network <c>new TrainingRecipe()</c>.
    /// </param>
    /// <param name="exampleWeightColumnName">
    /// How much each row counts in the loss, a column of Single; null (the default) for equally. See
    /// <see cref="MsVitOptions.ExampleWeightColumnName"/>.
    /// </param>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.MulticlassClassification.Trainers.MsVit())
    ///     .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    /// </code>
    /// </example>
    public static MsVitTrainer MsVit(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string imageColumnName = "Image",
        MsVitConfig? network = null,
        TrainingRecipe? recipe = null,
        string? exampleWeightColumnName = null)
    {
        var options = new MsVitOptions
        {
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
        };
        options.Network = network ?? options.Network;
        options.Recipe = recipe ?? options.Recipe;
        return catalog.MsVit(options);
    }

    /// <summary>Creates a trainer of spiking vision transformers from all options.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The options; later changes to the object do not affect the trainer.</param>
    /// <exception cref="ArgumentException">Some values are out of range; the message names all of them.</exception>
    public static MsVitTrainer MsVit(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MsVitOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new MsVitTrainer(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Creates a model from a file of weights: from <see cref="MsVitTransformer.SaveWeights"/>, or from another program such as PyTorch.
    /// </summary>
    /// <remarks>
    /// The file may be safetensors, or a state dict that torch.save wrote, alone or within a checkpoint; no code in the file is executed.
    /// The names of the tensors may be those of any of the reference's networks. Save the model with <c>mlContext.Model.Save</c>; train it
    /// further with <see cref="MsVitOptions.StartFrom"/>.
    /// </remarks>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">
    /// The network, the labels and the normalization, which weights from other programs lack; null for a file of
    /// <see cref="MsVitTransformer.SaveWeights"/>.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file cannot be read, holds more than weights, or does not fit the network; the message names everything that does not fit.
    /// </exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static MsVitTransformer LoadMsVitWeights(this ModelOperationsCatalog catalog, string path, MsVitWeightsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(CatalogUtils.GetEnvironment(catalog), ModelWeights.Load(path, options?.Card()));
    }

    /// <summary>Loads a model like <c>mlContext.Model.Load</c>, but gives one clear error if that fails.</summary>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file that <c>mlContext.Model.Save</c> wrote.</param>
    /// <param name="inputSchema">The schema that was saved with it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a model, is damaged, or was written by a newer version; the message says which.
    /// </exception>
    public static ITransformer LoadMsVit(this ModelOperationsCatalog catalog, string path, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            return catalog.Load(path, out inputSchema);
        }
        catch (Exception e) when (e
            is not (FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or OutOfMemoryException))
        {
            var reason = e.GetBaseException();
            if (reason is DllNotFoundException)
            {
                throw new DllNotFoundException(reason.Message, e);
            }
            throw new InvalidDataException($"{path} cannot be loaded as a model: {reason.Message}", e);
        }
    }
}
