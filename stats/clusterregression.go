package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// ClusterProducts are the sums of one cluster's rows: X'X and X'y of its k regressors.
type ClusterProducts struct {
	Rows int64
	XX   *mat.SymDense
	XY   []float64
}

// A ClusterRegression is a least-squares fit with standard errors that allow any dependence within clusters, per coefficient.
type ClusterRegression struct {
	Coefficients []float64
	// SECR0 is the sandwich without correction; SECR1 has the factor √(G/(G−1)); SECR1S Stata's √(G(N−1)/((G−1)(N−k))).
	SECR0, SECR1, SECR1S []float64
	// SECR2 is unbiased where rows are alike (Bell and McCaffrey 2002).
	SECR2 []float64

	clusters []clusterScore
	root     *mat.TriDense // L with LL' = (X'X)⁻¹
}

// clusterScore is one cluster in the basis of L: its eigenvectors and leverages, the basis in which every correction is diagonal.
type clusterScore struct {
	vectors   mat.Dense
	leverages []float64
}

// RegressClusters fits y on all clusters' regressors from their sums alone: for switchbacks with covariates of the period, and
// for covariate adjustment in cluster designs. The error SingularCovariates says that regressors repeat one another.
func RegressClusters(clusters []ClusterProducts) (ClusterRegression, error) {
	k, rows, err := checkClusterProducts(clusters)
	if err != nil {
		return ClusterRegression{}, err
	}
	root, coefficients, err := leastSquares(clusters, k)
	if err != nil {
		return ClusterRegression{}, err
	}
	fit := ClusterRegression{Coefficients: coefficients, root: root}
	plain, corrected := mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	for _, c := range clusters {
		score := newClusterScore(c, root)
		residual := c.residual(coefficients, root)
		fit.clusters = append(fit.clusters, score)
		plain.SymRankOne(plain, 1, residual)
		corrected.SymRankOne(corrected, 1, score.apply(inverseRoot, residual))
	}
	g, n := float64(len(clusters)), float64(rows)
	fit.SECR0 = fit.standardErrors(plain, 1)
	fit.SECR1 = fit.standardErrors(plain, g/(g-1))
	fit.SECR1S = fit.standardErrors(plain, g/(g-1)*(n-1)/(n-float64(k)))
	fit.SECR2 = fit.standardErrors(corrected, 1)
	return fit, nil
}

func checkClusterProducts(clusters []ClusterProducts) (k int, rows int64, err error) {
	if len(clusters) < 2 {
		return 0, 0, undefined(InsufficientData, "%d clusters; a clustered error needs at least 2", len(clusters))
	}
	k = len(clusters[0].XY)
	for i, c := range clusters {
		if c.XX == nil || c.XX.SymmetricDim() != k || len(c.XY) != k {
			return 0, 0, undefined(InvalidInput, "cluster %d does not have the %d regressors of the first", i, k)
		}
		for _, x := range append(c.XX.RawSymmetric().Data, c.XY...) {
			if err := checkFinite("a cluster's sum", x); err != nil {
				return 0, 0, err
			}
		}
		rows += c.Rows
	}
	if rows <= int64(k) {
		return 0, 0, undefined(InsufficientData, "%d rows for %d coefficients leave no degrees of freedom", rows, k)
	}
	return k, rows, nil
}

// leastSquares is the coefficients and L with LL' = (ΣX'X)⁻¹.
func leastSquares(clusters []ClusterProducts, k int) (root *mat.TriDense, coefficients []float64, err error) {
	products, moments := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for _, c := range clusters {
		products.AddSym(products, c.XX)
		moments.AddVec(moments, mat.NewVecDense(k, c.XY))
	}
	var factor mat.Cholesky
	if !factor.Factorize(products) || factor.Cond() > 1/dependentShare {
		return nil, nil, undefined(SingularCovariates, "the regressors repeat one another; leave out those that add nothing")
	}
	solved := mat.NewVecDense(k, nil)
	if err := factor.SolveVecTo(solved, moments); err != nil {
		return nil, nil, undefined(SingularCovariates, "the regressors nearly repeat one another: %v", err)
	}
	root = mat.NewTriDense(k, mat.Upper, nil)
	factor.UTo(root)
	if err := root.InverseTri(root); err != nil {
		return nil, nil, undefined(SingularCovariates, "the regressors nearly repeat one another: %v", err)
	}
	return root, solved.RawVector().Data, nil
}

// residual is L'u with u = X'y − X'X·β, the cluster's part of the score.
func (c ClusterProducts) residual(coefficients []float64, root *mat.TriDense) *mat.VecDense {
	k := len(coefficients)
	u := mat.NewVecDense(k, nil)
	u.MulVec(c.XX, mat.NewVecDense(k, coefficients))
	u.SubVec(mat.NewVecDense(k, c.XY), u)
	u.MulVec(root.T(), u)
	return u
}

// newClusterScore takes L'X'XL apart; its eigenvalues are leverages, in [0, 1].
func newClusterScore(c ClusterProducts, root *mat.TriDense) clusterScore {
	var product mat.Dense
	product.Product(root.T(), c.XX, root)
	k, _ := product.Dims()
	symmetric := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			symmetric.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	score := clusterScore{}
	if eigen.Factorize(symmetric, true) { // it converges for every finite matrix
		eigen.VectorsTo(&score.vectors)
		score.leverages = eigen.Values(nil)
	}
	return score
}

// apply is f(L'X'XL)·x.
func (s clusterScore) apply(f func(leverage float64) float64, x *mat.VecDense) *mat.VecDense {
	out := mat.NewVecDense(x.Len(), nil)
	out.MulVec(s.vectors.T(), x)
	for i, leverage := range s.leverages {
		out.SetVec(i, f(leverage)*out.AtVec(i))
	}
	out.MulVec(&s.vectors, out)
	return out
}

// inverseRoot is (1−h)^−½, by the pseudo-inverse where a cluster fits itself exactly.
func inverseRoot(leverage float64) float64 {
	const exact = 1e-10
	if 1-leverage < exact {
		return 0
	}
	return 1 / math.Sqrt(1-leverage)
}

// standardErrors of the coefficients when the scores, in the basis of L, have the given sums of squares.
func (r ClusterRegression) standardErrors(scores *mat.SymDense, factor float64) []float64 {
	var covariance mat.Dense
	covariance.Product(r.root, scores, r.root.T())
	errors := make([]float64, len(r.Coefficients))
	for i := range errors {
		errors[i] = math.Sqrt(factor * math.Max(0, covariance.At(i, i)))
	}
	return errors
}

// Coefficient is one coefficient's estimate with its CR2 standard error and Satterthwaite's degrees of freedom, (tr P)²/Σ P²
// where P_gh is [g = h]·t'(I−C)⁻¹C·t − a_g'a_h, a = (I−C)^−½C·t and t = L'c for the coefficient's unit vector c (Pustejovsky
// and Tipton 2018, eq. 11).
func (r ClusterRegression) Coefficient(i int, test FixedTest) (Estimate, error) {
	k := len(r.Coefficients)
	t := mat.NewVecDense(k, mat.Row(nil, i, r.root))
	products := mat.NewSymDense(k, nil)
	trace, squares := 0.0, 0.0
	for _, cluster := range r.clusters {
		a := cluster.apply(func(h float64) float64 { return inverseRoot(h) * h }, t)
		own := mat.Dot(t, cluster.apply(func(h float64) float64 { return inverseRoot(h) * inverseRoot(h) * h }, t))
		shared := mat.Dot(a, a)
		trace += own - shared
		squares += (own-shared)*(own-shared) - shared*shared
		products.SymRankOne(products, 1, a)
	}
	norm := mat.Norm(products, 2) // Frobenius: Σ_gh (a_g'a_h)²
	squares += norm * norm
	return test.Estimate(Effect{r.Coefficients[i], r.SECR2[i]}, trace*trace/squares)
}
