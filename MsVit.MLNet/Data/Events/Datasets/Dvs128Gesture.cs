namespace MsVit.MLNet.Events;

/// <summary>DVS128 Gesture: 29 people, eleven gestures, before a DVS128 (Amir et al., CVPR 2017).</summary>
/// <remarks>
/// One archive, DvsGesture.tar.gz; unpacked <c>userNN_&lt;light&gt;.aedat</c> with <c>userNN_&lt;light&gt;_labels.csv</c> and two lists of trials. A
/// sample is a gesture's slice of a trial.
/// </remarks>
public static class Dvs128Gesture
{
    /// <summary>Where it is had: by hand, in a browser.</summary>
    public const string Source = "https://ibm.ent.box.com/s/3hiq58ww1pbbjrinh367ykfdf60xsfm8/folder/50167556794";

    private const string TrainList = "trials_to_train.txt", TestList = "trials_to_test.txt";

    private static readonly SensorSize Sensor = new(128, 128);
    private static readonly GestureCounts Complete = new(98, 24, 1176, 288);

    /// <summary>Looks over an unpacked data set and splits it by the official lists. Recordings are not opened.</summary>
    /// <param name="folder">The DvsGesture folder.</param>
    /// <returns>1,176 gestures of users 1 to 23 to train on and 288 of users 24 to 29 to test on.</returns>
    /// <exception cref="InvalidDataException">Lists, recordings or labels are missing, malformed or not as many as there should be; the message says which, and where they are had.</exception>
    public static EventDataset Prepare(string folder) => Prepare(folder, Complete);

    // A test has fewer trials.
    internal static EventDataset Prepare(string folder, GestureCounts expected)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var faults = new DatasetFaults("DVS128 Gesture", folder, Source);
        ArchiveChecksums.Check(faults, Path.GetDirectoryName(Path.GetFullPath(folder)) ?? folder, "DvsGesture.tar.gz");
        var train = Trials(folder, TrainList, faults);
        var test = Trials(folder, TestList, faults);
        faults.ThrowIfAny();

        var (trained, tested) = (EventRecordings.Gestures(train, Sensor), EventRecordings.Gestures(test, Sensor));
        Compare("training trials", train.Count, expected.TrainTrials);
        Compare("test trials", test.Count, expected.TestTrials);
        Compare("training gestures", trained.Count, expected.TrainGestures);
        Compare("test gestures", tested.Count, expected.TestGestures);
        faults.AddFiles("the test list", "in the training list too", test.Select(t => t.Path).Intersect(train.Select(t => t.Path)));
        faults.AddFiles("the folder", "empty", train.Concat(test).Select(t => t.Path).Where(path => new FileInfo(path).Length == 0));
        faults.ThrowIfAny();
        return new("DVS128 Gesture", "official lists, users 1-23 and 24-29", trained, tested);

        void Compare(string what, int found, int wanted)
        {
            if (found != wanted)
            {
                faults.Add($"there are {found} {what}, expected were {wanted}");
            }
        }
    }

    private static IReadOnlyList<GestureTrial> Trials(string folder, string list, DatasetFaults faults)
    {
        try
        {
            var path = Path.Combine(folder, list);
            if (File.Exists(path))
            {
                return GestureTrials.ReadList(path);
            }
            faults.Add($"{list} is missing: unpack DvsGesture.tar.gz and give the folder DvsGesture in it");
        }
        catch (Exception e) when (e is FileNotFoundException or EventFormatException)
        {
            faults.Add(e.Message.TrimEnd('.'));
        }
        return [];
    }
}

/// <summary>How much a complete DVS128 Gesture holds.</summary>
internal readonly record struct GestureCounts(int TrainTrials, int TestTrials, int TrainGestures, int TestGestures);
