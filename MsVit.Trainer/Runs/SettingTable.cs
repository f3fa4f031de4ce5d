using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>What is written about each key of <c>--set</c>, by topic.</summary>
internal static class SettingTable
{
    // Each line has a key, its range (empty if its type says enough), and one sentence.
    private const string Text = """
        # Network
        Network | a preset | The network to begin with; 'msvit presets' lists them.
        Network.Name | | A name for the network, which has no effect.
        Input | | Still images, or frames of event counts.
        TimeSteps | 1 to 64 | How often the network runs over an image, or how many frames it reads.
        Height | up to 4096 | Height of the input in pixels; images are resized to it.
        Width | up to 4096 | Width of the input in pixels.
        Channels | 1 to 1024 | Channels of the input: 3 for color, 1 for gray, 2 for events.
        Classes | set by the data | Classes; the labels decide.
        EmbedDim | 4 to 8192 | Channels of the last stage; earlier stages have half.
        StageDims | 2 to 8192 each | Channels of each stage, such as 96,192,384.
        Depths | 1 to 64 each | Blocks of each of one to three stages, such as 1,1,2.
        NumHeads | divides the channels | Attention heads of every block.
        MlpRatio | 1 to 16 | Hidden channels of a block's MLP per channel.
        Stem | | The first embedding.
        StemStride | 1, 2, 4, 8 or 16 | Pixels per token of the first stage, along each axis; which are possible depends on Stem.
        StemDivisors | four, the last 1 | Divisors of the channels of the event stem's convolutions, such as 4,2,1,1.
        StagePool | | Where the embeddings of the second and third stage pool.
        AttentionScale | a power of two | The factor of the products in self-attention.
        QkvBias | | Whether q, k and v of self-attention have a bias.
        ScaleBranch | | The second scale of token attention.
        ProjectionCoupling | | Whether the samples of a batch influence each other; training needs PerSample.

        # Neurons
        Neuron | | The neuron of every layer.
        Surrogate | one of 13, such as ATan | The surrogate gradient of spikes, with the function's default parameters.
        Surrogate.Function | one of 13, such as ATan | The function alone; its parameters stay as they are.
        Surrogate.Alpha | above 0 | The first parameter of the surrogate function.
        Surrogate.Beta | | The second parameter of the surrogate functions that have two.
        Tau | 1 or more | Time constant of the membranes, in time steps.
        Levels | 1 to 16 | The most spikes that an integer neuron fires in a time step; other neurons ignore it.
        Threshold | above 0 | Membrane potential at which neurons fire.
        AttentionThreshold | above 0 | Membrane potential at which attention neurons fire.
        AttentionNorm | | Whether a batch norm comes before the attention neurons.

        # Length and learning rate
        Recipe | a recipe | The recipe to begin with, as --recipe takes it.
        Recipe.Name | | A name for the recipe, which has no effect.
        MaxEpoch | 1 or more | Passes over the training data that the schedule spans; --epochs is short for it.
        CooldownEpochs | 0 or more | Epochs at the lowest learning rate after MaxEpoch.
        TimeBudget | above 0 | The time that training may take, such as 00:15:00; --time-budget is short for it.
        BatchSize | 1 or more | Samples in one step.
        MicroBatchSize | 0 to BatchSize | Samples in one forward pass; fewer take less memory, 0 takes the whole batch.
        LearningRate | above 0 | The learning rate after the warm-up.
        LearningRateBatch | 0 or more | The batch size that LearningRate is meant for; 0 uses the rate unchanged.
        MinLearningRate | 0 to LearningRate | The learning rate at the end of the schedule.
        Schedule | | How the learning rate changes over the run.
        WarmupEpochs | 0 or more | Epochs over which the learning rate rises; fractions are allowed.
        WarmupLearningRate | 0 to LearningRate | The learning rate at which the warm-up of EpochCosine begins.
        Patience | 0 or more | Epochs without a better validation accuracy after which training ends; 0 never ends early.
        MinImprovement | 0 to 1 | By how much the accuracy must rise to count as better for Patience.

        # Loss and optimizer
        LabelSmoothing | 0 to below 1 | The share of the target that is spread over all classes.
        ClassWeights | 0 or more each | How much each class counts: Balanced, None, or a number per class.
        ClassWeighting | | The same choice as a part of the recipe: Balanced makes all classes count equally.
        WeightDecay | 0 or more | AdamW's decoupled weight decay.
        LayerDecay | above 0, up to 1 | The learning rate of each block relative to the block above it, for fine-tuning.
        MaxGradientNorm | 0 or more | The largest norm of all gradients together; 0 sets no limit.
        WeightAverageDecay | 0 to below 1 | The share of the averaged weights that each step keeps, such as 0.9999; 0 keeps no average.
        WeightAverageWarmup | | Whether the first steps keep less of the average.
        StochasticDepth | 0 to below 1 | The probability of skipping the last block's branches for a sample.
        FrozenStages | 0 to all stages | Stages, from the input on, that do not change; for training with --start-from.
        HeadStart | | Where a new head begins; for training with --start-from.
        BlendWithStart | | Whether the final weights are blended with those of --start-from, by the loss on held-out samples.
        MaxSkippedSteps | 0 or more | Steps with an infinite loss or gradient that are skipped before the run fails.
        Recipe.Precision | | The type in which convolutions are computed in training.
        RecomputeActivations | | Whether blocks compute their activations twice to save memory.

        # Several ranks
        SyncBatchNorm | | Whether batch norms take the passes that run at the same time on all ranks for one batch.
        LocalSteps | 0 or more | Steps that each rank takes on its own before an outer step joins them; 0 sums gradients in every step.
        OuterLearningRate | above 0 | The learning rate of the outer steps.
        OuterMomentum | 0 to below 1 | The Nesterov momentum of the outer steps.

        # Teacher
        Teacher | JSON | How to learn from --teacher: {} for the defaults, null for none.
        Teacher.Kind | | Whether it gives features, or scores of the classes.
        Teacher.Weight | above 0 | How much its loss counts beside that of the labels.
        Teacher.Loss | | How features are compared.
        Teacher.Temperature | above 0 | The temperature at which scores are compared.

        # Augmentation of images
        Images | JSON | All of it: {} for the defaults.
        Images.CropPadding | 0 or more | Pixels of padding before a crop of the input size is drawn; 0 for none.
        Images.HorizontalFlip | | Whether a random half of the images is mirrored; false for digits and letters.
        Images.RandomResizedCrop | JSON | A crop of random size in place of the padded crop: {} for the defaults, null for none.
        Images.RandomResizedCrop.LeastArea | above 0, up to 1 | The least share of the area.
        Images.RandomResizedCrop.MostArea | LeastArea to 1 | The largest share of the area.
        Images.RandomResizedCrop.LeastRatio | above 0 | The least ratio of width to height.
        Images.RandomResizedCrop.MostRatio | LeastRatio or more | The largest ratio of width to height.
        Images.RandomResizedCrop.Filter | | The filter that resizes the crop.
        Images.ColorJitter | JSON | Random brightness, contrast and saturation: {} for a record to fill, null for none.
        Images.ColorJitter.Brightness | 0 or more | The range of the factor of brightness, such as {"Least":0.6,"Most":1.4}.
        Images.ColorJitter.Contrast | 0 or more | The range of the factor of contrast.
        Images.ColorJitter.Saturation | 0 or more | The range of the factor of saturation.
        Images.RandAugment | timm's string | Random operations, such as rand-m9-n1-mstd0.4-inc1; null for none.
        Images.Warp | | The interpolation when RandAugment rotates, shears and shifts.
        Images.Erasing | JSON | Boxes that are erased: {} for the defaults, null for none.
        Images.Erasing.Probability | 0 to 1 | The share of the images in which boxes are erased.
        Images.Erasing.Mode | | What fills a box.
        Images.Erasing.Count | 1 to 100 | Boxes per image.
        Images.Mixing | JSON | Mixup or CutMix: {} for the defaults, null for none.
        Images.Mixing.MixupAlpha | 0, or 0.05 to 4 | The alpha of mixup; 0 for no mixup.
        Images.Mixing.CutMixAlpha | 0, or 0.05 to 4 | The alpha of CutMix; 0 for no CutMix.
        Images.Mixing.Probability | 0 to 1 | The share of the batches that are mixed.
        Images.Mixing.SwitchProbability | 0 to 1 | With both, the share of the mixed batches that use CutMix.
        Images.Mixing.OffEpoch | 0 or more | The epoch after which mixing stops; 0 for never.

        # Augmentation of event frames
        Frames | JSON | All of it: {} for the defaults.
        Frames.HorizontalFlip | | Whether a random half of the samples is mirrored; false for digits.
        Frames.Operations | | Whether shear, shift, rotation or a cleared square is applied.
        Frames.DropEvents | | Whether events are dropped, in time, in a box or at random.
        Frames.TrainTimeSteps | 0 to TimeSteps | Frames of a sample that are used in training; 0 for all.
        Frames.Mixing | JSON | How samples are mixed: {} for the defaults, null for none.
        Frames.Mixing.MixupAlpha | 0, or 0.05 to 4 | The alpha of mixup; 0 for no mixup.
        Frames.Mixing.CutMixAlpha | 0, or 0.05 to 4 | The alpha of CutMix; 0 for no CutMix.
        Frames.Mixing.Probability | 0 to 1 | The share of the batches that are mixed.
        Frames.Mixing.SwitchProbability | 0 to 1 | With both, the share of the mixed batches that use CutMix.
        Frames.Mixing.OffEpoch | 0 or more | The epoch after which mixing stops; 0 for never.

        # Validation
        ValidationFraction | 0 to below 1 | The share of each class that is held out to choose the best epoch; 0 for none.
        EpochChoice | | Which samples choose the best epoch; --protocol published is TestSet.
        Seed | | Fixes the initial weights, the order and the augmentation; --seed is short for it.
        FromScratch | | Whether images start from random weights; --from-scratch is short for it.
        ObserveActivity | | Whether each epoch measures how the neurons fire.

        # Images
        ImageFit | | How an image of another shape is fitted to the input.
        CropShare | above 0, up to 1 | With CenterCrop, the share of the size that is kept; ImageNet's protocol is 0.875.
        PixelRange | above 0 | The pixel value that counts as 1 in means and deviations.
        MaxPixels | 1 or more | The most pixels that an encoded image may have.
        Undecodable | | What to do with an image or recording that cannot be read.
        SampleStorage | | Whether images are kept encoded or decoded during training.

        # Machine and files
        Device | auto, cpu, cuda[:N] | Where to train; --device is short for it.
        AllowTF32 | | Whether a GPU may round products to TF32, which is faster.
        ScoringPrecision | | The precision of scoring, saved with the model.
        ScoringEngine | | What computes the scores, saved with the model; Auto is ONNX Runtime where it is faster.
        Threads | 0 or more | Threads of torch in training; 0 for one per core, shared out among trainings that run side by side.
        Workers | 0 or more | Threads that decode and augment; 0 for one less than the cores.
        MemoryBudget | 0 or more | Bytes of samples kept in memory; the rest goes to files.
        WorkspacePath | a folder | The folder for these files.
        LogPath | a folder | A folder for the records of the epochs; --log is short for it.
        CheckpointPath | a folder | A folder for checkpoints; --checkpoint sets it.
        CheckpointEpochs | 1 or more | Epochs between two checkpoints.
        CheckpointInterval | above 0 | The longest time between two checkpoints; null for no limit.

        # Columns
        LabelColumnName | a column | The label.
        ImageColumnName | a column | The images.
        FramesColumnName | a column | The event frames.
        ExampleWeightColumnName | a column | How much each row counts in the loss.
        TeacherColumnName | a column | The vectors of a teacher; --teacher sets it.
        PredictedLabelColumnName | a column | The key that scoring adds.
        ScoreColumnName | a column | The class probabilities that scoring adds.
        """;

    /// <summary>All lines of the table, in its order.</summary>
    /// <exception cref="ArgumentException">A line names a key that does not exist.</exception>
    public static IReadOnlyList<SettingNote> Notes { get; } = [.. Read()];

    private static IEnumerable<SettingNote> Read()
    {
        var topic = "";
        foreach (var line in Text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                topic = line[2..];
                continue;
            }
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            yield return new(topic, OptionKey.Find(cells[0]), cells[1], cells[2]);
        }
    }
}

/// <summary>What is written about one key.</summary>
/// <param name="Topic">The heading that it belongs to.</param>
/// <param name="Key">The key.</param>
/// <param name="Range">Its range in words; empty if its type says enough.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record SettingNote(string Topic, OptionKey Key, string Range, string Summary);
