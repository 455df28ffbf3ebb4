// Package stats turns moments of experiments into estimates: how large is an effect, how sure are we, could it be nothing. It
// reads numbers and writes numbers; it knows no warehouse and no file, keeps no state, and gives the same answer every time.
//
// # From units to an answer
//
// Each arm's units are summed up as [Moments] (a count, means, covariances: what [Shape.Pairs] asks for), or as ranks of sorted
// values. [Metric.Arms] turns the moments of all variants into an [Arm] each, and from there on means, proportions, ratios,
// functions and quantiles are alike. [Inference.Compare] holds two arms against each other by a protocol's method, and gives a
// [Comparison]: an effect and a lift, both an [Estimate] with interval and test.
//
//	arms, _ := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}.Arms(nil, []Moments{control, variant})
//	c, err := Inference{Method: Fixed, Alpha: 0.05}.Compare(KindMean, arms[0], arms[1])
//
// What is undefined is an [*Error] that names its reason and the mend, never NaN and never a finite p-value. A value that stands
// although its spread does not is returned beside the error. What is defined but doubtful carries a [Warning].
//
// # Which estimate of an arm
//
//	a mean, a proportion           MeanArm. The sample variance, also of zeros and ones.
//	  with a covariate             CUPED: PooledWithin by default. PerArm and RegressSeparately (Lin) gain where slopes differ
//	                               and samples are large; PooledTotal absorbs large effects and is for comparison only.
//	  its classical regression     RegressCommon (ANCOVA), with t tests that suppose one residual variance.
//	a ratio of two sums            RatioArm; RatioCUPED with the same ratio before. Never the mean of units' ratios.
//	a formula of means             Metric.Function, by the delta method with the formula's gradient.
//	a quantile of values           RanksOf, then QuantileRanks.Arm with three values. Of events: Clustered by unit.
//	  from a histogram             Histogram.Quantile: where ranks cannot be had; noisy where the bin is thin.
//	clusters were randomised       any of the above, from Moments with Clusters. Of a mean in few clusters CompareClusters (CR2);
//	                               RegressClusters with covariates. Never units alone: errors would be too small.
//	strata, phases                 PostStratify; MergeThinStrata beforehand, never by outcomes.
//	raw sums                       RawSums refuses what has cancelled; ExactSums of decimals loses nothing; MergeMoments adds up.
//
// # Which method of inference
//
//	looked at once, at the end     Fixed: Welch's t. Not when anyone may stop the experiment on what it shows: a look a day for
//	                               three weeks makes five false findings in a hundred more than twenty.
//	watched at any time            Sequential: ConfidenceSequence, for large samples; wider than Fixed at any one look.
//	                               MixtureSPRT for independent normal looks, AnytimeRegression for small samples.
//	watched, with a planned end    Hybrid: half of α on either.
//	a few planned looks            GroupSequential: nearly as strong as Fixed, but bound to its looks.
//	a prior is believed            Bayesian: chances and expected losses. Its intervals hold over truths like the prior, not
//	                               for each, and not under peeking at every truth. CompareBeta for counts, ChanceToBeBest of K.
//
// FixedTest has the parts: Difference, Lift, LogLift, one-sided tests and other nulls.
//
// # Which interval for a lift
//
//	by default                     Lift, symmetric, by the delta method. Compare gives none where the control lies within three
//	                               standard errors of 0.
//	a control near 0               Fieller: exact, and so it may be the outside of an interval or the whole line.
//	large lifts                    LogLift: not symmetric, never below −100%.
//	small counts of successes      MiettinenNurminenInterval or NewcombeInterval for the difference, RiskRatio for the ratio;
//	                               PooledProportions is Pearson's χ². WilsonInterval for one proportion.
//
// # Around the comparison
//
//	is it no worse, or the same    NonInferiorityTest (Relative counts the control's own error), EquivalenceTest.
//	many metrics and variants      Correction.Adjust: Holm over Bonferroni where intervals are not needed; BenjaminiHochberg for
//	                               exploring; PreferentialShares favours the primary metric. ShipRule decides over all.
//	was traffic split as designed  SampleRatio once, SampleRatioMonitor when watched. A mismatch voids everything else.
//	does the effect vary           Heterogeneous over slices, with shrinkage; never the best slice by itself.
//	what are winners worth in all  Compound: never the sum of the lifts found, which luck helped to pick.
//	do experiments interact        Interaction2x2, InteractionTest (k×m), ScreenInteractions over all pairs.
//	can the normal be trusted      TailShape: units needed for a skewness; HillIndex below 2 means no variance. CapsAt winsorises.
//	no formula for the error       BootstrapContrast over Poisson-weighted replicates.
//	how long must it run           MeanDesign, ProportionDesign, GroupSequentialTest.Plan; Progress and DaysLeft on the way.
//
// # Numerics
//
// Probabilities are upper tails, right to 1e-300; tails.go goes around what gonum gets wrong, and its tests say where. Variances
// are sums about means. Where a difference of large terms leaves only rounding, it is 0, and an error where no data could have
// made it. The methods are held to reference cases of independent software, and to their promised rates by simulation
// (testdata/rates.md).
package stats
