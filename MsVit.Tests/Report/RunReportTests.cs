using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.Playwright;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Support;

namespace MsVit.Tests.Report;

public sealed class RunReportTests : IClassFixture<RunReportTests.Written>
{
    private const string Hostile = "<script>alert('top')</script>";

    private readonly Written _written;

    public RunReportTests(Written written) => _written = written;

    [Fact]
    public void Every_section_is_there_once()
    {
        string[] ids = [.. _written.Page.Descendants("section").Select(section => section.Attribute("id")!.Value)];
        Assert.Equal(["run", "curves", "confusion", "classes", "mistakes", "raster", "rates", "table-0"], ids);
    }

    [Fact]
    public void Names_from_outside_are_text_and_no_script()
    {
        Assert.Empty(_written.Page.Descendants("script"));
        Assert.Contains(_written.Page.Descendants("th"), cell => cell.Value == Hostile);
        Assert.DoesNotContain("<script", _written.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Nothing_is_loaded_from_elsewhere()
    {
        Assert.DoesNotContain("http://", _written.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https://", _written.Text, StringComparison.OrdinalIgnoreCase);
        Assert.All(_written.Page.Descendants("img"), image => Assert.StartsWith(
            "data:image/png;base64,", image.Attribute("src")!.Value, StringComparison.Ordinal));
        Assert.Empty(_written.Page.Descendants("link"));
    }

    [Fact]
    public void The_figures_are_those_of_the_evaluator()
    {
        var facts = _written.Page.Descendants("dt").Zip(_written.Page.Descendants("dd"))
            .ToDictionary(pair => pair.First.Value, pair => pair.Second.Value);
        Assert.Equal(_written.Metrics.MicroAccuracy.ToString("0.0000", CultureInfo.InvariantCulture), facts["Accuracy"]);
        Assert.Equal(_written.Metrics.LogLoss, double.Parse(facts["Log-loss"], CultureInfo.InvariantCulture), 1e-4);
    }

    [Fact]
    public void The_confusion_matrix_is_the_evaluators_cell_by_cell()
    {
        var rows = Section("confusion").Descendants("tbody").Single().Elements("tr");
        var counts = rows.Select(row => row.Elements("td").Select(cell => double.Parse(cell.Value, CultureInfo.InvariantCulture)));
        Assert.Equal(_written.Metrics.ConfusionMatrix.Counts, counts);
        Assert.Equal(Written.Rows, counts.Sum(row => row.Sum()));
    }

    [Fact]
    public void Precision_and_recall_of_each_class_are_the_evaluators()
    {
        var matrix = _written.Metrics.ConfusionMatrix;
        var rows = Section("classes").Descendants("tbody").Single().Elements("tr")
            .Select(row => row.Elements("td").Select(cell => cell.Value).ToArray()).ToArray();
        for (var k = 0; k < rows.Length; k++)
        {
            var called = matrix.Counts.Sum(row => row[k]);
            var precision = called == 0 ? "–" : matrix.PerClassPrecision[k].ToString("0.000", CultureInfo.InvariantCulture);
            Assert.Equal(precision, rows[k][1]);
            Assert.Equal(matrix.PerClassRecall[k].ToString("0.000", CultureInfo.InvariantCulture), rows[k][2]);
        }
    }

    [Fact]
    public void Mistakes_have_images_up_to_the_limit()
    {
        var wrong = (int)Math.Round(Written.Rows * (1 - _written.Metrics.MicroAccuracy));
        Assert.InRange(wrong, 1, Written.Rows);
        Assert.Equal(Math.Min(wrong, Written.Images), _written.Page.Descendants("img").Count());
    }

    [Fact]
    public void Every_chart_has_a_title_and_colors_of_the_style_sheet()
    {
        var charts = _written.Page.Descendants("svg").ToArray();
        Assert.True(charts.Length >= 4);
        Assert.All(charts, chart => Assert.NotEqual("", chart.Element("title")!.Value));
        Assert.All(charts, chart => Assert.Contains("var(--", chart.ToString(), StringComparison.Ordinal));
        Assert.All(charts, chart => Assert.DoesNotContain("clip", chart.ToString(), StringComparison.OrdinalIgnoreCase));
        Assert.All(charts, chart => Assert.DoesNotContain("rgb(", chart.ToString(), StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task The_report_is_legible_on_a_phone_and_on_a_desk_light_and_dark() =>
        Assert.Empty(await PageAudit.FaultsOf(_written.Path));

    [BrowserFact]
    public async Task On_paper_the_report_is_dark_on_white_and_shows_each_plot_once()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var sheet = new ViewportSize { Width = 718, Height = 1000 };
        var page = await browser.NewPageAsync(new() { ColorScheme = ColorScheme.Dark, ViewportSize = sheet });
        await page.GotoAsync(new Uri(_written.Path).AbsoluteUri);
        Assert.Equal("rgb(13, 17, 23)", await Ground());
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.Equal("rgb(255, 255, 255)", await Ground());
        Assert.Equal(
            await page.Locator(".chart").CountAsync(),
            await page.Locator(".chart svg").EvaluateAllAsync<int>("all => all.filter(chart => chart.checkVisibility()).length"));

        Task<string> Ground() => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
    }

    [Fact]
    public void Layers_have_words_beside_their_names()
    {
        var rates = Section("rates").Descendants("tbody").Single().Elements("tr").Select(row => row.Elements("td").ToArray()).ToArray();
        Assert.Equal(("stem, convolution 1", "patch_embed1.proj_lif"), (rates[0][0].Value, rates[0][^1].Value));
        Assert.All(rates, row => Assert.NotEqual(row[0].Value, row[^1].Value));
        Assert.Contains("stem, convolution 1", Section("raster").Descendants("h3").First().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_kind_is_rejected()
    {
        var ml = new MLContext(seed: 1);
        var data = DotTask.Data(ml, 3);
        var other = ml.Transforms.CopyColumns("Copy", "Number").Fit(data);
        var error = Assert.Throws<ArgumentException>(() => RunReport.Write(Path.Combine(_written.Folder, "none.html"), other, data));
        Assert.Contains("0 MsVit models", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_with_an_incomplete_line_is_rejected()
    {
        var error = Assert.Throws<ArgumentException>(() => ReportTable.OfCsv("Energy", "", "layer,pJ\nstem\n"));
        Assert.Contains("Line 2 has 1 cells", error.Message, StringComparison.Ordinal);
    }

    private XElement Section(string id) => _written.Page.Descendants("section").Single(section => section.Attribute("id")!.Value == id);

    /// <summary>One trained model and its report, for all tests.</summary>
    public sealed class Written : IDisposable
    {
        internal const int Rows = 60;
        internal const int Images = 4;

        private readonly TemporaryFolder _folder = new();

        public Written()
        {
            var ml = new MLContext(seed: 1);
            var history = new List<EpochRecord>();
            var model = DotTask.Pipeline(ml, DotTask.Options(options =>
            {
                options.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
                options.Progress = report => history.AddRange(report.Record is { } record ? [record] : []);
            })).Fit(Data(ml, 90, 1));
            using var owned = (IDisposable)model;
            var test = Data(ml, Rows, 2);
            Metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
            Path = System.IO.Path.Combine(_folder.Path, "run.html");
            RunReport.Write(Path, model, test, new RunReportOptions
            {
                History = history,
                MaxImages = Images,
                Tables = [ReportTable.OfCsv("Energy", "What is left out is said here.", "layer,pJ\nstem,12.5\n")],
            });
            Text = File.ReadAllText(Path);
            using var reader = XmlReader.Create(new StringReader(Text.Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal)));
            Page = XDocument.Load(reader);
            Assert.Equal([Path], Directory.GetFiles(_folder.Path));
        }

        internal string Path { get; }

        internal string Text { get; }

        internal string Folder => _folder.Path;

        internal XDocument Page { get; }

        internal MulticlassClassificationMetrics Metrics { get; }

        public void Dispose() => _folder.Dispose();

        private static IDataView Data(MLContext ml, int count, int seed)
        {
            var rows = DotTask.Rows(count, seed);
            foreach (var row in rows.Where(row => row.Label == "top"))
            {
                row.Label = Hostile;
            }
            return ml.Data.LoadFromEnumerable(rows);
        }
    }
}
