namespace MsVit.MLNet.Events;

/// <summary>DVS128 Gesture: eleven gestures of 29 people, recorded with a DVS128 camera (Amir et al., CVPR 2017).</summary>
/// <remarks>
/// The data set is one archive, DvsGesture.tar.gz, which unpacks to <c>userNN_&lt;light&gt;.aedat</c>,
/// <c>userNN_&lt;light&gt;_labels.csv</c> and two lists of trials. A sample is the slice of a trial with one gesture.
/// </remarks>
public static class Dvs128Gesture
{
    /// <summary>The download page, for use in a browser.</summary>
    public const string Source = "https://ibm.ent.box.com/s/3hiq58ww1pbbjrinh367ykfdf60xsfm8/folder/50167556794";

    private const string TrainList = "trials_to_train.txt", TestList = "trials_to_test.txt";

    private static readonly SensorSize Sensor = new(128, 128);
    private static readonly GestureCounts Complete = new(98, 24, 1176, 288);

    /// <summary>Checks an unpacked data set and splits it by the official lists. Opens no recordings.</summary>
    /// <param name="folder">The DvsGesture folder.</param>
    /// <returns>1,176 training gestures of users 1 to 23 and 288 test gestures of users 24 to 29.</returns>
    /// <exception cref="InvalidDataException">
    /// Lists, recordings or labels are missing or malformed, or their number is wrong. The message lists them and gives the download page.
    /// </exception>
    public static EventDataset Prepare(string folder) => Prepare(folder, Complete);

    // Tests use fewer trials.
    internal static EventDataset Prepare(string folder, GestureCounts expected)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var problems = new DatasetProblems("DVS128 Gesture", folder, Source);
        ArchiveChecksums.Check(problems, Path.GetDirectoryName(Path.GetFullPath(folder)) ?? folder, "DvsGesture.tar.gz");
        var train = Trials(folder, TrainList, problems);
        var test = Trials(folder, TestList, problems);
        problems.ThrowIfAny();

        var (trainSamples, testSamples) = (EventRecordings.Gestures(train, Sensor), EventRecordings.Gestures(test, Sensor));
        Compare("training trials", train.Count, expected.TrainTrials);
        Compare("test trials", test.Count, expected.TestTrials);
        Compare("training gestures", trainSamples.Count, expected.TrainGestures);
        Compare("test gestures", testSamples.Count, expected.TestGestures);
        problems.AddFiles("the test list", "also in the training list", test.Select(t => t.Path).Intersect(train.Select(t => t.Path)));
        problems.AddFiles("the folder", "empty", train.Concat(test).Select(t => t.Path).Where(path => new FileInfo(path).Length == 0));
        problems.ThrowIfAny();
        return new("DVS128 Gesture", "official lists, users 1-23 and 24-29", trainSamples, testSamples);

        void Compare(string what, int found, int wanted)
        {
            if (found != wanted)
            {
                problems.Add($"there are {found} {what}, expected {wanted}");
            }
        }
    }

    private static IReadOnlyList<GestureTrial> Trials(string folder, string list, DatasetProblems problems)
    {
        try
        {
            var path = Path.Combine(folder, list);
            if (File.Exists(path))
            {
                return GestureTrials.ReadList(path);
            }
            problems.Add($"{list} is missing: unpack DvsGesture.tar.gz and pass the folder DvsGesture");
        }
        catch (Exception e) when (e is FileNotFoundException or EventFormatException)
        {
            problems.Add(e.Message.TrimEnd('.'));
        }
        return [];
    }
}

/// <summary>The sample counts of a complete DVS128 Gesture data set.</summary>
internal readonly record struct GestureCounts(int TrainTrials, int TestTrials, int TrainGestures, int TestGestures);
