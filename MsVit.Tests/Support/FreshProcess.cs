using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using MsVit.MLNet.Data.Storage;

namespace MsVit.Tests.Support;

/// <summary>What the test assembly does when it is started as a program: the other process of the tests that need one.</summary>
internal static class FreshProcess
{
    public const string ScoreVerb = "score";
    public const string SpillVerb = "spill";
    public const string Ready = "ready";
    public const int Rows = 40;

    public static int Main(string[] args)
    {
        if (args is [SpillVerb, var folder])
        {
            // Holds a file of samples until it is killed, or its standard input is closed.
            using var file = SpillFile.Create(folder);
            Console.WriteLine(Ready);
            Console.ReadLine();
            return 0;
        }
        if (args is not [ScoreVerb, var path])
        {
            Console.Error.WriteLine($"usage: {ScoreVerb} MODEL, or {SpillVerb} FOLDER");
            return 2;
        }
        // Nothing of the library is named here: ML.NET finds it by what the model says.
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(path, out _);
        Console.WriteLine(Fingerprint(DotTask.Scores(model.Transform(DotTask.Data(mlContext, Rows)))));
        return 0;
    }

    public static string Fingerprint(float[][] scores) =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(scores.SelectMany(row => row).ToArray().AsSpan())));
}
