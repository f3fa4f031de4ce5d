using System.Text;
using System.Text.Json;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>What a rank takes of its host, and what it must have in common with the others.</summary>
internal static class RankShare
{
    /// <summary>Threads that prepare batches: one less than the rank's share of the cores, but at least one.</summary>
    public static int Workers(MsVitOptions options) => options.Workers > 0
        ? options.Workers
        : Math.Max(1, (Environment.ProcessorCount / options.Group.LocalSize) - 1);

    /// <summary>Threads that read samples.</summary>
    public static int Readers(MsVitOptions options) => Cores(options.Group);

    /// <summary>A rank's share of the cores of its host, at least one.</summary>
    public static int Cores(RankGroup ranks) => Math.Max(1, Environment.ProcessorCount / ranks.LocalSize);

    /// <summary>The recipe with the pass that a rank computes at a time, to estimate its memory.</summary>
    public static TrainingRecipe Recipe(MsVitOptions options) => options.Group.Size == 1 || options.Recipe.MicroBatchSize > 0
        ? options.Recipe
        : options.Recipe with { MicroBatchSize = (options.Recipe.BatchSize + options.Group.Size - 1) / options.Group.Size };

    /// <summary>Checks that all ranks train the same network in the same way on the same kind of device.</summary>
    /// <exception cref="InvalidOperationException">On every rank, if they do not; it names the ranks.</exception>
    public static void RequireSame(MsVitOptions options, TrainingTask task, torch.Device device) => options.Group.RequireSame(
        Encoding.UTF8.GetBytes($"{task.Network.ToJson()} {options.Recipe.ToJson()} {task.Seed} {device.type} "
            + $"{JsonSerializer.Serialize(options.ClassWeights)} {options.ObserveActivity}"),
        "network, recipe, class weights and kind of device",
        "Give every rank the same options. Set Device to \"cpu\" if some hosts have no GPU.");
}
