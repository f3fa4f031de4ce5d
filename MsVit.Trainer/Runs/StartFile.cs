using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>What --start-from names: a saved model, a file of weights, or a starting model of the library.</summary>
internal static class StartFile
{
    private const string WeightsEnding = ".safetensors";

    /// <summary>Loads it. The caller disposes it.</summary>
    /// <exception cref="UsageException">There is neither a file nor a starting model of that name.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or is no model.</exception>
    public static ITransformer Load(MLContext mlContext, string nameOrFile)
    {
        if (File.Exists(nameOrFile))
        {
            return Path.GetExtension(nameOrFile).Equals(WeightsEnding, StringComparison.OrdinalIgnoreCase)
                ? mlContext.Model.LoadMsVitWeights(nameOrFile)
                : ModelFile.Load(mlContext, nameOrFile);
        }
        if (MsVitStarter.Names.Contains(nameOrFile, StringComparer.OrdinalIgnoreCase))
        {
            return MsVitStarter.Load(nameOrFile);
        }
        var question = NearestNames.Question(nameOrFile, MsVitStarter.Names);
        throw new UsageException($"There is no model file {Path.GetFullPath(nameOrFile)}, and no starting model '{nameOrFile}' for "
            + $"--start-from.{question} The starting models are: {string.Join(", ", MsVitStarter.Names)}.");
    }
}
